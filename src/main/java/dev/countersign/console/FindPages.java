package dev.countersign.console;

import dev.countersign.directory.Groups;
import dev.countersign.directory.SearchWords;
import dev.countersign.kernel.EnvironmentId;
import dev.countersign.kernel.Permission;
import dev.countersign.people.PeopleFilter;
import dev.countersign.web.Access;
import dev.countersign.web.RequestFacts;
import jakarta.servlet.http.HttpServletRequest;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Controller;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.servlet.ModelAndView;

/** What the search dialogs show: a piece of a page for each search, asked for as one types. */
@Controller
final class FindPages {
    private static final int SHOWN = 20;

    private final FoundPeople found;
    private final Groups groups;

    FindPages(FoundPeople found, Groups groups) {
        this.found = found;
        this.groups = groups;
    }

    @GetMapping("/console/find/people")
    @Access(value = Access.Level.CONSOLE, needs = Permission.VIEW_PEOPLE)
    ModelAndView people(@RequestParam(name = "q", defaultValue = "") String query, HttpServletRequest request) {
        Map<String, Object> model = new HashMap<>();
        found.add(environment(request), query, List.of(), model);
        found.addCount(environment(request), query, model);
        return new ModelAndView("console/found :: people", model);
    }

    /** Groups whose name has all the typed words in it, in any spelling. */
    @GetMapping("/console/find/groups")
    @Access(value = Access.Level.CONSOLE, needs = Permission.VIEW_PEOPLE)
    ModelAndView groups(@RequestParam(name = "q", defaultValue = "") String query, HttpServletRequest request) {
        String bounded = query.substring(0, Math.min(query.length(), PeopleFilter.LONGEST_TEXT));
        List<String> words = SearchWords.typed(bounded);
        List<Groups.Name> all = groups.names(environment(request)).stream()
                .filter(group -> words.stream().allMatch(words(group)::contains))
                .toList();
        Map<String, Object> model = new HashMap<>();
        model.put(
                "groups",
                all.stream()
                        .limit(SHOWN)
                        .map(group -> new GroupPages.Link(group.id().value(), group.name()))
                        .toList());
        model.put("total", all.size());
        model.put("more", all.size() > SHOWN);
        return new ModelAndView("console/found :: groups", model);
    }

    private static String words(Groups.Name group) {
        return String.join(" ", SearchWords.typed(group.name()));
    }

    private static EnvironmentId environment(HttpServletRequest request) {
        return RequestFacts.of(request).environment().id();
    }
}

package dev.countersign.durability;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a server should do, on one page and without anything of the product: people with a password, an app and sessions, under
 * one rule for everybody. Each method says what a client would be told.
 */
final class Model {
    static final String IN = "signed in";
    static final String REFUSED = "refused";
    static final String WAIT = "wait";
    static final String ASKED = "asked";
    static final String DONE = "done";
    static final String NOBODY = "nobody";

    /** Who needs a second factor: nobody, who has one, everybody. */
    enum Mode {
        OFF,
        OPTIONAL,
        REQUIRED
    }

    /** Which code is typed. */
    enum Code {
        RIGHT,
        WRONG,
        AGAIN
    }

    /** Wrong answers in a row and in a day, and when the next is looked at. */
    private static final class Budget {
        private final int free;
        private final long firstDelay;
        private final int day;
        private int inARow;
        private int inDay;
        private Instant dayStart = Instant.MIN;
        private Instant next = Instant.MIN;

        Budget(int free, long firstDelay, int day) {
            this.free = free;
            this.firstDelay = firstDelay;
            this.day = day;
        }

        boolean reserve(Instant now) {
            boolean newDay = !dayStart.isAfter(now.minus(Duration.ofDays(1)));
            if (next.isAfter(now) || (inDay >= day && !newDay)) {
                return false;
            }
            inDay = newDay ? 1 : inDay + 1;
            dayStart = newDay ? now : dayStart;
            inARow++;
            next = inARow < free
                    ? Instant.MIN
                    : now.plusSeconds(Math.min(firstDelay << Math.min(inARow - free, 20), 15 * 60));
            return true;
        }

        boolean isSpent() {
            return inDay >= day;
        }

        void settle() {
            inARow = 0;
            inDay = Math.max(0, inDay - 1);
            next = Instant.MIN;
        }
    }

    private static final class Person {
        boolean disabled;
        boolean enrolled;
        boolean mustChange;
        long lastStep;
        Optional<Instant> half = Optional.empty();
        Budget second = secondFactor();
        Budget password = passwords();
    }

    private static final class Session {
        final Person owner;
        final boolean strong;
        final Instant begun;
        Instant seen;
        boolean alive = true;

        Session(Person owner, boolean strong, Instant begun) {
            this.owner = owner;
            this.strong = strong;
            this.begun = begun;
            this.seen = begun;
        }
    }

    private final List<Optional<Person>> people = new ArrayList<>();
    private final List<Session> sessions = new ArrayList<>();
    private final boolean resetsEndSessions;
    private Mode mode = Mode.REQUIRED;

    Model(int size) {
        this(size, true);
    }

    /** @param resetsEndSessions false for a model that is wrong */
    Model(int size, boolean resetsEndSessions) {
        this.resetsEndSessions = resetsEndSessions;
        for (int i = 0; i < size; i++) {
            people.add(Optional.of(new Person()));
        }
    }

    private static Budget secondFactor() {
        return new Budget(5, 30, 20);
    }

    private static Budget passwords() {
        return new Budget(10, 15, 200);
    }

    private static long step(Instant now) {
        return now.getEpochSecond() / 30;
    }

    int sessions() {
        return sessions.size();
    }

    private boolean isDemanded(Person person) {
        return mode == Mode.REQUIRED || (mode == Mode.OPTIONAL && person.enrolled);
    }

    /** A whole sign-in; who has to set up an app does so. {@code checked} if the password really goes over the wire. */
    String signIn(int who, boolean checked, Code code, Instant now) {
        return people.get(who).map(person -> signIn(person, checked, code, now)).orElse(NOBODY);
    }

    private String signIn(Person person, boolean checked, Code code, Instant now) {
        Optional<String> stopped = password(person, checked, true, now);
        if (stopped.isPresent()) {
            return stopped.get();
        }
        if (isDemanded(person) && person.enrolled) {
            return answer(person, code, now);
        }
        return isDemanded(person) ? enrol(person, now) : issue(person, false, now);
    }

    String wrongPassword(int who, Instant now) {
        return people.get(who)
                .flatMap(person -> password(person, true, false, now))
                .orElse(NOBODY);
    }

    private Optional<String> password(Person person, boolean checked, boolean right, Instant now) {
        if (checked && !person.password.reserve(now)) {
            return Optional.of(WAIT);
        }
        if (!right || person.disabled) {
            return Optional.of(REFUSED);
        }
        if (checked) {
            person.password.settle();
        }
        return Optional.empty();
    }

    private String answer(Person person, Code code, Instant now) {
        if (!person.second.reserve(now)) {
            return WAIT;
        }
        if (person.disabled || code != Code.RIGHT || step(now) <= person.lastStep) {
            person.mustChange |= person.second.isSpent();
            return REFUSED;
        }
        person.second.settle();
        person.lastStep = step(now);
        return issue(person, true, now);
    }

    private String enrol(Person person, Instant now) {
        endAll(person);
        person.enrolled = true;
        person.lastStep = step(now);
        return issue(person, true, now);
    }

    private String issue(Person person, boolean strong, Instant now) {
        if (person.mustChange) {
            endAll(person);
            person.mustChange = false;
            person.second = secondFactor();
        }
        sessions.add(new Session(person, strong, now));
        return IN;
    }

    private void endAll(Person person) {
        sessions.stream().filter(session -> session.owner == person).forEach(session -> session.alive = false);
        person.half = Optional.empty();
    }

    /** A sign-in that is left at the question for the code. */
    String begin(int who, Instant now) {
        Optional<Person> found = people.get(who);
        if (found.isEmpty() || found.get().disabled) {
            return found.isEmpty() ? NOBODY : REFUSED;
        }
        Person person = found.get();
        if (!isDemanded(person)) {
            return issue(person, false, now);
        }
        person.half = person.enrolled ? Optional.of(now.plus(Duration.ofMinutes(10))) : person.half;
        return person.enrolled ? ASKED : "must enrol";
    }

    /** The code for {@link #begin}. */
    String finish(int who, Code code, Instant now) {
        if (people.get(who).isEmpty()) {
            return NOBODY;
        }
        Person person = people.get(who).get();
        boolean alive = person.half.filter(now::isBefore).isPresent();
        person.half = Optional.empty();
        return alive ? answer(person, code, now) : REFUSED;
    }

    String present(int number, Instant now) {
        if (sessions.isEmpty()) {
            return NOBODY;
        }
        Session session = sessions.get(number % sessions.size());
        session.alive &= session.seen.isAfter(now.minus(Duration.ofHours(1)))
                && session.begun.isAfter(now.minus(Duration.ofHours(24)));
        if (session.alive && !session.seen.isAfter(now.minus(Duration.ofMinutes(1)))) {
            session.seen = now;
        }
        // Not enough for the rule of today, it may be for tomorrow's: such a session is refused, but not over.
        boolean enough = (session.strong || !isDemanded(session.owner)) && !session.owner.mustChange;
        return session.alive && enough ? DONE : REFUSED;
    }

    String signOut(int number, Instant now) {
        String open = present(number, now);
        if (open.equals(DONE)) {
            sessions.get(number % sessions.size()).alive = false;
        }
        return open;
    }

    String reset(int who) {
        return change(who, person -> {
            if (resetsEndSessions) {
                endAll(person);
            }
            person.enrolled = false;
            person.second = secondFactor();
        });
    }

    String endSessions(int who) {
        return change(who, this::endAll);
    }

    String disable(int who) {
        return change(who, person -> {
            endAll(person);
            person.disabled = true;
        });
    }

    String enable(int who) {
        return change(who, person -> person.disabled = false);
    }

    String unlock(int who) {
        return change(who, person -> {
            person.second = secondFactor();
            person.password = passwords();
        });
    }

    String delete(int who) {
        String done = change(who, this::endAll);
        people.set(who, Optional.empty());
        return done;
    }

    String create(int who) {
        boolean free = people.get(who).isEmpty();
        people.set(who, people.get(who).or(() -> Optional.of(new Person())));
        return free ? DONE : NOBODY;
    }

    String changeMode(Mode to) {
        mode = to;
        return DONE;
    }

    private interface Change {
        void of(Person person);
    }

    private String change(int who, Change change) {
        people.get(who).ifPresent(change::of);
        return people.get(who).isPresent() ? DONE : NOBODY;
    }
}

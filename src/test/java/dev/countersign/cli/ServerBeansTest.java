package dev.countersign.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.countersign.cli.ServerBeans.Part;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Conditional;
import org.springframework.stereotype.Component;

/** What is shipped is put together when it is built: there every condition holds, so each has to be known as a part that can be taken out. */
class ServerBeansTest {
    private static final List<JavaClass> CODE = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS).importPackages("dev.countersign").stream()
                    .toList();

    @Test
    void each_bean_that_depends_on_a_setting_belongs_to_a_part_that_is_taken_out_without_it() {
        List<Class<?>> beans = CODE.stream()
                .filter(type -> type.isAnnotatedWith(ConditionalOnProperty.class))
                .<Class<?>>map(JavaClass::reflect)
                .toList();
        assertThat(beans).hasSizeGreaterThan(4);
        for (Class<?> bean : beans) {
            String[] properties =
                    bean.getAnnotation(ConditionalOnProperty.class).value();
            assertThat(Part.values())
                    .as(bean.getName())
                    .anyMatch(part ->
                            part.has(bean.getName()) && Arrays.equals(properties, new String[] {part.property()}));
        }
    }

    @Test
    void no_part_takes_out_a_bean_that_every_server_has() {
        assertThat(CODE)
                .filteredOn(type -> Arrays.stream(Part.values()).anyMatch(part -> part.has(type.getName())))
                .filteredOn(type -> type.isMetaAnnotatedWith(Component.class))
                .allMatch(type -> type.isAnnotatedWith(ConditionalOnProperty.class));
    }

    @Test
    void nothing_depends_on_another_condition() {
        assertThat(CODE)
                .filteredOn(type -> type.isMetaAnnotatedWith(Conditional.class))
                .allMatch(type -> type.isAnnotatedWith(ConditionalOnProperty.class));
        assertThat(CODE)
                .flatMap(JavaClass::getMethods)
                .noneMatch(method -> method.isMetaAnnotatedWith(Conditional.class));
    }
}

package dev.countersign.web;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Describes a REST route for {@code openapi.json}; everything else there is read from the method itself. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
public @interface Operation {
    /** What it does, in a sentence. */
    String value();

    /** The media type of a body that is a file and no JSON; empty for none. */
    String file() default "";

    /** How it refuses, beyond what every route can answer. */
    ProblemType[] problems() default {};
}

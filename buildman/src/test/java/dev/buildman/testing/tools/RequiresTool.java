package dev.buildman.testing.tools;

import java.lang.annotation.ElementType;
import java.lang.annotation.Repeatable;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Tests that need a program of the machine. Where it is missing they are skipped, and the run's
 * last lines say which Debian package brings it; with {@code -Dbuildman.skips=forbidden} they fail.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Repeatable(RequiresTool.All.class)
@ExtendWith(RequiresToolCondition.class)
public @interface RequiresTool {
  /** Name of the program, looked for on the PATH, /usr/sbin and /sbin. */
  String value();

  /** Debian package that brings it. */
  String debianPackage();

  /** More than one. */
  @Target({ElementType.TYPE, ElementType.METHOD})
  @Retention(RetentionPolicy.RUNTIME)
  @ExtendWith(RequiresToolCondition.class)
  @interface All {
    RequiresTool[] value();
  }
}

package dev.buildman.agent.architecture;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.conditions.ArchPredicates.are;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.properties.HasName;
import com.tngtech.archunit.lang.ArchRule;
import java.util.List;

/**
 * Time, sleep, environment, exit and standard streams come in by the constructor: their originals
 * are called only where a program begins.
 */
final class Surroundings {
  private final DescribedPredicate<JavaClass> bound;

  /**
   * @param root the module's root package
   * @param free packages below it that may call the originals
   */
  Surroundings(String root, String... free) {
    this.bound = resideInAnyPackage(root + "..").and(resideOutsideOfPackages(free));
  }

  List<ArchRule> rules() {
    return List.of(
        never("java.time.(Instant|LocalDate|LocalDateTime|ZonedDateTime|OffsetDateTime)", "now"),
        never("java.time.(Clock|InstantSource)", "system.*|tick.*"),
        never("java.lang.System", "currentTimeMillis|nanoTime"),
        never("java.lang.Thread", "sleep"),
        never("java.util.concurrent.TimeUnit", "sleep"),
        never("java.util.Date", "<init>"),
        never("java.lang.System", "getenv"),
        never("java.lang.System", "exit"),
        never("java.lang.Runtime", "exit|halt"),
        never("java.lang.System", "out|err|in"),
        never("java.lang.System", "console"));
  }

  private ArchRule never(String type, String members) {
    DescribedPredicate<JavaAccess<?>> access =
        target(owner(are(nameMatching(type))))
            .and(target(HasName.Predicates.nameMatching(members)))
            .as("%s.%s", type, members);
    return noClasses()
        .that(bound)
        .should()
        .accessTargetWhere(access)
        .allowEmptyShould(true)
        .as(type + "." + members + " is injected, not called");
  }
}

package dev.buildman.agent.architecture;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A table of imports between the packages of one module as rules. Packages are named relative to
 * the root: {@code executor} is that package and those below it, until one of those has a line of
 * its own ({@code executor.popen}).
 */
final class Imports {
  private final String root;
  private final Map<String, List<String>> table = new TreeMap<>();

  Imports(String root) {
    this.root = root;
  }

  /** The package may import these beside itself, the JDK and vendors. */
  Imports allow(String inside, String... imported) {
    table.put(inside, List.of(imported));
    return this;
  }

  /** One rule for each line of the table. */
  List<ArchRule> rules() {
    return table.keySet().stream().map(this::rule).toList();
  }

  private ArchRule rule(String inside) {
    DescribedPredicate<JavaClass> allowed = in(inside);
    for (String imported : table.get(inside)) {
      allowed = allowed.or(in(imported));
    }
    return classes()
        .that(in(inside))
        .should()
        .onlyDependOnClassesThat(allowed.or(resideOutsideOfPackages(root, root + "..")))
        .allowEmptyShould(true)
        .as(inside + " imports only " + String.join(", ", table.get(inside)));
  }

  /** The classes of a line's package: not those of a line further down. */
  private DescribedPredicate<JavaClass> in(String name) {
    DescribedPredicate<JavaClass> predicate = resideInAnyPackage(root + "." + name + "..");
    for (String other : table.keySet()) {
      if (other.startsWith(name + ".")) {
        predicate = predicate.and(resideOutsideOfPackages(root + "." + other + ".."));
      }
    }
    return predicate;
  }

  /** Every package of the module but the root itself has a line, or lies below one that has. */
  ArchRule complete() {
    return classes()
        .that(resideInAnyPackage(root + ".."))
        .should()
        .resideInAnyPackage(
            Stream.concat(Stream.of(root), table.keySet().stream().map(p -> root + "." + p + ".."))
                .toArray(String[]::new))
        .as("every package is in the table of imports");
  }

  /** A vendor's packages are known only to these packages of ours ({@code ""}: the root). */
  ArchRule vendor(String vendor, String... only) {
    List<String> ours = new ArrayList<>();
    for (String name : only) {
      ours.add(name.isEmpty() ? root : root + "." + name);
    }
    return noClasses()
        .that(
            resideInAnyPackage(root + "..")
                .and(resideOutsideOfPackages(ours.toArray(new String[0]))))
        .should()
        .dependOnClassesThat(resideInAnyPackage(vendor))
        .allowEmptyShould(true)
        .as(vendor + " is used only in " + String.join(", ", only));
  }

  /** No two packages of a level need each other. */
  ArchRule noCycles() {
    return slices().matching(root + ".(*)..").should().beFreeOfCycles().allowEmptyShould(true);
  }
}

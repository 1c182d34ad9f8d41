package dev.buildman.agent.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import java.util.Arrays;
import java.util.stream.Collectors;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/**
 * Skips a test where one of these programs is missing; the run's last lines name the packages that
 * bring them. With {@code -Dbuildman.skips=forbidden} nothing is skipped and the test fails.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@Inherited
@ExtendWith(NeedsPrograms.Condition.class)
public @interface NeedsPrograms {
  /** All of them are needed. */
  Program[] value();

  /** Looks for the programs. */
  final class Condition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
      String missing =
          AnnotationSupport.findAnnotation(context.getElement(), NeedsPrograms.class).stream()
              .flatMap(needs -> Arrays.stream(needs.value()))
              .filter(program -> program.find().isEmpty())
              .map(Program::debianPackage)
              .distinct()
              .collect(Collectors.joining(" "));
      if (missing.isEmpty()) {
        return ConditionEvaluationResult.enabled("all programs are there");
      }
      String reason = "needs the Debian packages: " + missing;
      if (SkippedTests.areForbidden()) {
        throw new IllegalStateException(reason + "; skips are forbidden in this run");
      }
      SkippedTests.add(context.getDisplayName(), reason);
      return ConditionEvaluationResult.disabled(reason);
    }
  }
}

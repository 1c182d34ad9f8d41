package dev.buildman.agent.testing;

import static org.junit.jupiter.api.extension.ConditionEvaluationResult.disabled;
import static org.junit.jupiter.api.extension.ConditionEvaluationResult.enabled;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Skips what needs a program that is not there, and remembers it. */
final class RequiresToolCondition implements ExecutionCondition {
  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    return context
        .getElement()
        .flatMap(
            element ->
                AnnotationSupport.findRepeatableAnnotations(element, RequiresTool.class).stream()
                    .filter(tool -> !isThere(tool.value()))
                    .findFirst())
        .map(tool -> missing(tool, context))
        .orElseGet(() -> enabled("all programs are there"));
  }

  private static ConditionEvaluationResult missing(RequiresTool tool, ExtensionContext context) {
    String what = tool.value() + " is not installed: package " + tool.debianPackage();
    if (SkippedTests.areForbidden()) {
      throw new AssertionError(what + " (skips are forbidden)");
    }
    SkippedTests.add(context.getDisplayName(), what);
    return disabled(what);
  }

  private static boolean isThere(String program) {
    String folders = System.getenv("PATH") + File.pathSeparator + "/usr/sbin:/sbin";
    return Stream.of(folders.split(File.pathSeparator, -1))
        .anyMatch(folder -> Files.isExecutable(Path.of(folder, program)));
  }
}

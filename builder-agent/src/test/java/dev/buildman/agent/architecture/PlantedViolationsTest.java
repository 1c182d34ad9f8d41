package dev.buildman.agent.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.EvaluationResult;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each kind of rule bites: the same table over classes that were planted to break it. */
final class PlantedViolationsTest {
  private static final JavaClasses PLANTED = new ClassFileImporter().importPackages("planted");
  private static final List<EvaluationResult> FOUND =
      new AgentArchitecture("planted")
          .rules().stream()
              .map(rule -> rule.evaluate(PLANTED))
              .filter(EvaluationResult::hasViolation)
              .toList();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          dockerfile imports only                   | planted.dockerfile.KnowsLink
          run imports only                          | planted.run.KnowsAdapter
          every package is in the table             | planted.helper.Helper
          io.grpc.. is used only in                 | planted.run.KnowsGrpc
          com.fasterxml.jackson.. is used only in   | planted.config.KnowsJackson
          java.lang.Thread.sleep                    | planted.source.Impatient
          java.lang.System.getenv                   | planted.source.Impatient
          java.lang.System.exit                     | planted.source.Impatient
          java.lang.System.out                      | planted.source.Impatient
          java.lang.System.currentTimeMillis        | planted.source.Impatient
          OffsetDateTime).now                       | planted.source.Impatient
          """)
  void aPlantedViolationIsFound(String rule, String violator) {
    assertThat(FOUND)
        .filteredOn(result -> description(result).contains(rule))
        .singleElement()
        .satisfies(result -> assertThat(result.getFailureReport().toString()).contains(violator));
  }

  @Test
  void whatIsAllowedIsNotReported() {
    assertThat(FOUND)
        .allSatisfy(
            result ->
                assertThat(result.getFailureReport().getDetails())
                    .noneMatch(line -> line.startsWith("Class <planted.engine.embedded.Adapter>"))
                    .noneMatch(line -> line.contains("planted.runtime.Free")));
  }

  private static String description(EvaluationResult result) {
    return result.getFailureReport().toString().lines().findFirst().orElse("");
  }
}

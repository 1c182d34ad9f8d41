package dev.buildman.architecture;

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
      new ManagerArchitecture("planted")
          .rules().stream()
              .map(rule -> rule.evaluate(PLANTED))
              .filter(EvaluationResult::hasViolation)
              .toList();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          model imports only                        | planted.model.KnowsRedis
          schedule imports only                     | planted.schedule.KnowsAdapter
          session imports only                      | planted.session.KnowsEdge
          every package is in the table             | planted.util.Helper
          free of cycles                            | planted.session.KnowsEdge
          io.lettuce.. is used only in              | planted.token.KnowsLettuce
          io.grpc.. is used only in                 | planted.session.KnowsGrpc
          java.lang.Thread.sleep                    | planted.orchestrator.Impatient
          java.lang.System.getenv                   | planted.orchestrator.Impatient
          java.lang.System.exit                     | planted.orchestrator.Impatient
          java.lang.System.out                      | planted.orchestrator.Impatient
          java.lang.System.currentTimeMillis        | planted.orchestrator.Impatient
          OffsetDateTime).now                       | planted.orchestrator.Impatient
          InstantSource).system                     | planted.orchestrator.Impatient
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
                    .noneMatch(line -> line.startsWith("Class <planted.executor.popen.Adapter>"))
                    .noneMatch(line -> line.contains("planted.runtime.Free")));
  }

  private static String description(EvaluationResult result) {
    return result.getFailureReport().toString().lines().findFirst().orElse("");
  }
}

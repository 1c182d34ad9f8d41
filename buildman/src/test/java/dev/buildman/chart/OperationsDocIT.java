package dev.buildman.chart;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.model.Reason;
import dev.buildman.proto.agent.BuildmanProto;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** What operators read names all reasons, codes and alerts, and none that are not. */
class OperationsDocIT {
  private static final Path DOCS = Path.of("..", "docs");
  private static final Pattern ROW = Pattern.compile("(?m)^\\| `([A-Za-z_]+)` \\|(.*)\\|$");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#:]+)(?:#([^)]+))?\\)");

  @Test
  void everyReasonHasItsCureAndNoneIsInvented() throws IOException {
    List<MatchResult> rows = rows("## Reasons", "### Codes of agents' failures");
    assertThat(rows)
        .extracting(row -> row.group(1))
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(Reason.values()).map(Reason::code).toList());
    assertThat(rows).allSatisfy(row -> assertThat(row.group(2).strip()).isNotEmpty());
  }

  @Test
  void everyCodeOfAnAgentsFailureHasItsReasonAndNoneIsInvented() throws IOException {
    List<MatchResult> rows = rows("### Codes of agents' failures", "## The machine's image");
    assertThat(rows)
        .extracting(row -> row.group(1))
        .containsExactlyInAnyOrderElementsOf(
            Arrays.stream(FailureCode.values())
                .filter(code -> code != FailureCode.UNRECOGNIZED)
                .map(
                    code ->
                        code.getValueDescriptor()
                            .getOptions()
                            .getExtension(BuildmanProto.info)
                            .getName())
                .toList());
    assertThat(rows)
        .extracting(row -> row.group(2).replace("`", "").strip())
        .isSubsetOf(Arrays.stream(Reason.values()).map(Reason::code).toList());
  }

  @Test
  @SuppressWarnings("unchecked")
  void everyAlertHasItsAnswer() throws IOException {
    var groups =
        (List<Map<String, Object>>)
            Chart.yaml(Path.of("..", "conf", "prometheus-rules.yaml")).get("groups");
    var rules = (List<Map<String, Object>>) groups.getFirst().get("rules");
    assertThat(rows("## Alerts", "## Reasons"))
        .extracting(row -> row.group(1))
        .containsExactlyInAnyOrderElementsOf(
            rules.stream().map(rule -> rule.get("alert").toString()).toList());
  }

  @Test
  void itsLinksLeadSomewhere() throws IOException {
    String doc = Files.readString(DOCS.resolve("operations.md"));
    assertThat(LINK.matcher(doc).results().toList())
        .hasSizeGreaterThan(8)
        .allSatisfy(
            link -> {
              Path file = DOCS.resolve(link.group(1));
              assertThat(file).exists();
              if (link.group(2) != null) {
                assertThat(Files.readString(file).lines())
                    .anyMatch(
                        line ->
                            line.startsWith("#")
                                && line.replaceFirst("#+ ", "")
                                    .toLowerCase(Locale.ROOT)
                                    .replace(' ', '-')
                                    .equals(link.group(2)));
              }
            });
  }

  private static List<MatchResult> rows(String from, String to) throws IOException {
    String doc = Files.readString(DOCS.resolve("operations.md"));
    int start = doc.indexOf("\n" + from + "\n");
    int end = doc.indexOf("\n" + to + "\n");
    assertThat(start).as(from).isPositive();
    assertThat(end).as(to).isGreaterThan(start);
    return ROW.matcher(doc.substring(start, end)).results().toList();
  }
}

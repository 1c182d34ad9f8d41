package dev.buildman.agent.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class StageGraphTest {

  private static final String FILE =
      """
      ARG BASE=golang
      FROM ${BASE}:1 AS build
      FROM build AS test
      RUN --mount=type=bind,from=tools,target=/t test
      FROM registry.example/tools:2 AS tools
      FROM scratch AS files
      COPY --from=busybox /bin/busybox /b
      FROM scratch
      COPY --from=0 /a /a
      COPY --from=FILES /b /b
      """;

  private static StageGraph graph(String text, @Nullable String target, Map<String, String> args)
      throws DockerfileException {
    Dockerfile file = Dockerfile.parse(text);
    return StageGraph.of(file, GlobalScope.of(file, args, Map.of()), target);
  }

  @Test
  void buildsOnlyWhatTheLastStageNeeds() throws DockerfileException {
    StageGraph graph = graph(FILE, null, Map.of());
    assertThat(graph.needed()).extracting(Stage::index).containsExactly(0, 3, 4);
    assertThat(graph.target().index()).isEqualTo(4);
    assertThat(graph.images()).containsExactly("golang:1", "busybox");
  }

  @Test
  void findsTheTargetByNameInAnyCaseOrByIndex() throws DockerfileException {
    assertThat(graph(FILE, "Files", Map.of()).needed()).extracting(Stage::index).containsExactly(3);
    assertThat(graph(FILE, "0", Map.of("BASE", "own/go")).images()).containsExactly("own/go:1");
  }

  @Test
  void namesTheStagesThereAreWhenTheTargetIsMissing() {
    assertThatThrownBy(() -> graph(FILE, "nope", Map.of()))
        .hasMessageContaining("no stage nope")
        .hasMessageContaining("build, test, tools, files, 4");
  }

  @Test
  void refusesAStageThatComesLater() {
    assertThatThrownBy(() -> graph(FILE, "test", Map.of()))
        .hasMessageContaining("line 4")
        .hasMessageContaining("the stage of line 5");
    assertThatThrownBy(() -> graph("FROM scratch\nCOPY --from=0 a b", null, Map.of()))
        .hasMessageContaining("--from=0 is no earlier stage");
  }

  @Test
  void refusesABaseThatIsEmptyAfterReplacementOnlyWhereItIsNeeded() throws DockerfileException {
    String file = "FROM $NOTHING AS a\nFROM scratch AS b\n";
    assertThat(graph(file, "b", Map.of()).images()).isEmpty();
    assertThatThrownBy(() -> graph(file, "a", Map.of()))
        .hasMessageContaining("line 1")
        .hasMessageContaining("$NOTHING is empty");
  }

  @Test
  void takesANameForAnEarlierStageAndElseForAnImage() throws DockerfileException {
    StageGraph graph = graph("FROM alpine AS alpine\nFROM alpine", null, Map.of());
    assertThat(graph.base(graph.needed().get(0))).isEqualTo(new Origin.OfImage("alpine"));
    assertThat(graph.base(graph.target())).isInstanceOf(Origin.OfStage.class);
  }
}

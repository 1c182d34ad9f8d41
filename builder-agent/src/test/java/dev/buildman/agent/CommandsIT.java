package dev.buildman.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.buildman.agent.run.BuildArguments;
import dev.buildman.agent.training.MemoryRegistry;
import dev.buildman.proto.agent.BuildPack;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The agent's commands for people, as processes. */
final class CommandsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir private Path folder;
  private Path context;
  private Path work;

  @BeforeEach
  void files() throws IOException {
    context = Files.createDirectory(folder.resolve("context"));
    work = Files.createDirectory(folder.resolve("work"));
    Files.writeString(context.resolve("f"), "content\n");
    Files.writeString(
        context.resolve("Dockerfile"),
        "FROM scratch\nARG WHO\nCOPY f /f\nLABEL who=$WHO\nENTRYPOINT [\"/f\"]\n");
  }

  private AgentProcess command(String... arguments) throws IOException {
    return AgentProcess.start(
        folder, Map.of("CONTAINER_RUNTIME", "embedded", "TMPDIR", work.toString()), arguments);
  }

  private String stdout() throws IOException {
    return Files.readString(folder.resolve("stdout"));
  }

  @Test
  void aFolderIsBuiltIntoAnOciLayout() throws Exception {
    Path layout = folder.resolve("layout");
    try (AgentProcess agent =
        command(
            "build",
            "-t",
            "app:v1",
            "--build-arg=WHO=me",
            "-o",
            layout.toString(),
            context.toString())) {
      assertThat(agent.exitStatus(PATIENCE)).as(agent.stderr()).isZero();
    }
    assertThat(stdout()).contains("Step 3/5 : COPY f /f\n", "Built sha256:", "Written to ");
    JsonNode index = json(layout.resolve("index.json")).at("/manifests/0");
    assertThat(index.at("/annotations/org.opencontainers.image.ref.name").asText()).isEqualTo("v1");
    assertThat(index.path("mediaType").asText())
        .isEqualTo("application/vnd.oci.image.manifest.v1+json");
    JsonNode manifest = json(blob(layout, index));
    assertThat(manifest.at("/layers/0/mediaType").asText())
        .isEqualTo("application/vnd.oci.image.layer.v1.tar+gzip");
    JsonNode config = json(blob(layout, manifest.path("config")));
    assertThat(config.at("/config/Labels/who").asText()).isEqualTo("me");
    assertThat(blob(layout, manifest.at("/layers/0"))).exists();
    assertThat(work).isEmptyDirectory();
  }

  private static Path blob(Path layout, JsonNode descriptor) {
    return layout.resolve("blobs/" + descriptor.path("digest").asText().replace(':', '/'));
  }

  private static JsonNode json(Path file) throws IOException {
    return new ObjectMapper().readTree(file.toFile());
  }

  @Test
  void anImageIsPushedToEachOfItsTags() throws Exception {
    try (MemoryRegistry registry = new MemoryRegistry();
        AgentProcess agent =
            command(
                "build",
                "--push",
                "-t",
                registry.address() + "/ns/app:v1",
                "-t",
                registry.address() + "/ns/app:latest",
                context.toString())) {
      assertThat(agent.exitStatus(PATIENCE)).as(agent.stderr()).isZero();

      assertThat(registry.has("v1")).isTrue();
      assertThat(registry.has("latest")).isTrue();
    }
  }

  @Test
  void aFailureSaysWhereAndTheStatusSaysSo() throws Exception {
    Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nCOPY missing /\n");
    try (AgentProcess agent = command("build", context.toString())) {
      assertThat(agent.exitStatus(PATIENCE)).isEqualTo(1);
    }
    assertThat(stdout()).contains("missing", "failed at: Dockerfile:2 COPY missing /");
    assertThat(work).isEmptyDirectory();
  }

  @Test
  void aCheckTellsOfEnginesToolsAndRegistries() throws Exception {
    try (MemoryRegistry registry = new MemoryRegistry();
        AgentProcess agent = command("check", registry.address())) {
      assertThat(agent.exitStatus(PATIENCE)).as(agent.stderr()).isZero();

      assertThat(stdout())
          .containsPattern("ok +engine embedded")
          .containsPattern("(ok|no) +git ")
          .containsPattern("ok +registry " + registry.address() + " +answers");
    }
  }

  @Test
  void whatCannotBeReachedIsToldAndTheStatusSaysSo() throws Exception {
    try (AgentProcess agent = command("check", "127.0.0.1:1")) {
      assertThat(agent.exitStatus(PATIENCE)).isEqualTo(69);
    }
    assertThat(stdout()).containsPattern("no +registry 127.0.0.1:1 +.*no connection");
  }

  @ParameterizedTest
  @CsvSource({
    "'', give a folder",
    "'/ /', two sources",
    "'/nowhere', is no folder here",
    "'--wat /', no option --wat",
    "'--push /', needs a --tag",
    "'--push -t a -o x /', exclude each other",
    "'--build-arg novalue /', give NAME=VALUE",
    "'-t a/b -t c/d /', of one repository",
    "'-t UPPER /', --tag UPPER",
    "'/ -f', -f needs a value",
    "'--secret id=x /', 'give id=NAME,src=FILE'",
  })
  void aWrongCommandLineSaysWhatToWrite(String line, String says) {
    List<String> arguments = line.isEmpty() ? List.of() : List.of(line.split(" ", -1));

    assertThatThrownBy(() -> BuildArguments.read(arguments)).hasMessageContaining(says);
  }

  @Test
  void aSourceIsWhatItLooksLike() throws Exception {
    BuildPack git =
        BuildArguments.read(List.of("https://git.example/a/b.git#v1", "-f", "x/Dockerfile")).pack();
    assertThat(git.getGitPackage().getRef()).isEqualTo("v1");
    assertThat(git.getDockerfilePath()).isEqualTo("x/Dockerfile");
    assertThat(BuildArguments.read(List.of("git@git.example:a/b.git")).pack().hasGitPackage())
        .isTrue();
    assertThat(BuildArguments.read(List.of("https://a.example/b.tar.gz")).pack().getPackageUrl())
        .isEqualTo("https://a.example/b.tar.gz");
  }
}

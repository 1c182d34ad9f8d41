package dev.buildman.agent.run;

import static dev.buildman.agent.testing.GitServers.git;
import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.agent.engine.BuildContext;
import dev.buildman.agent.engine.BuildEngine;
import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.engine.BuildRequest;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.EngineFixture;
import dev.buildman.agent.engine.PulledImage;
import dev.buildman.agent.engine.buildah.BuildahEngine;
import dev.buildman.agent.engine.buildah.BuildahSettings;
import dev.buildman.agent.engine.embedded.EmbeddedEngine;
import dev.buildman.agent.process.Executables;
import dev.buildman.agent.process.Processes;
import dev.buildman.agent.registry.ImageReference;
import dev.buildman.agent.runtime.Sleeper;
import dev.buildman.agent.runtime.Ticker;
import dev.buildman.agent.source.SourceLimits;
import dev.buildman.agent.source.SourceLocation;
import dev.buildman.agent.source.SourceLocation.Login;
import dev.buildman.agent.source.Sources;
import dev.buildman.agent.testing.GitServers;
import dev.buildman.agent.testing.NeedsPrograms;
import dev.buildman.agent.testing.Program;
import dev.buildman.agent.testing.ScriptedServer;
import dev.buildman.proto.agent.FailureCode;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** ADD of repositories, by the agent's own git, in each engine that reads files by itself. */
@NeedsPrograms({Program.GIT, Program.BUILDAH})
final class AddFromGitIT extends EngineFixture {
  private static final String HEADER =
      "Basic "
          + Base64.getEncoder()
              .encodeToString("x-access-token:a-token".getBytes(StandardCharsets.UTF_8));

  private final Processes processes =
      new Processes(Ticker.system(), Sleeper.system(), new Executables(""), Map.of());
  private final HttpClient http = HttpClient.newHttpClient();
  private BuildEngine engine;
  private ScriptedServer open;
  private ScriptedServer closed;
  private String first = "";

  @Override
  protected BuildEngine engine() {
    return engine;
  }

  private void use(String name) {
    engine =
        name.equals("embedded")
            ? new EmbeddedEngine(InstantSource.system(), Sleeper.system())
            : new BuildahEngine(processes, BuildahSettings.defaults(), Sleeper.system());
  }

  @BeforeEach
  void repositories() throws Exception {
    Path root = Files.createDirectory(folder.resolve("repositories"));
    Path tree = Files.createDirectory(root.resolve("app"));
    git(tree, "init", "-q");
    first = GitServers.commit(tree, "sub/script", "one");
    git(tree, "tag", "v1");
    assertThat(tree.resolve("sub/script").toFile().setExecutable(true, false)).isTrue();
    GitServers.commit(tree, "a", "two");
    open = GitServers.http(root, null);
    closed = GitServers.http(root, HEADER);
  }

  @AfterEach
  void stop() {
    open.close();
    closed.close();
    http.close();
  }

  private BuildRequest request(String dockerfile, SourceLocation own, ImageReference tag)
      throws Exception {
    Path file = Files.writeString(folder.resolve("Dockerfile"), dockerfile);
    Sources sources =
        new Sources(
            processes, http, SourceLimits.defaults(), Ticker.system(), span -> {}, Map.of());
    GitAdds adds = new GitAdds(sources, own, Files.createTempDirectory(folder, "added"));
    BuildRequest plain = request(BuildOptions.DEFAULTS, tag);
    return new BuildRequest(
        new BuildContext(context, file, adds),
        plain.options(),
        plain.tags(),
        plain.registries(),
        plain.workDir());
  }

  private PulledImage built(String dockerfile, SourceLocation own) throws Exception {
    ImageReference tag = fresh("git");
    run(request(dockerfile, own, tag), ALWAYS);
    return PulledImage.pull(tag);
  }

  private EngineFailure fails(String dockerfile, SourceLocation own) throws Exception {
    return failureOf(request(dockerfile, own, fresh("git")), ALWAYS);
  }

  @ParameterizedTest
  @ValueSource(strings = {"embedded", "buildah"})
  void bringsAFolderARevisionOrAll(String name) throws Exception {
    use(name);
    String url = open.url("/app/.git");
    PulledImage image =
        built(
            """
            FROM scratch
            ARG PLACE=%1$s
            ADD --chown=7:8 $PLACE /all
            ADD %1$s#main:sub /sub/
            ADD --keep-git-dir=true %1$s#v1 /kept
            ADD --checksum=%2$s %1$s#v1 /checked
            """
                .formatted(url, first),
            new SourceLocation.None());

    assertThat(image.text("all/a")).isEqualTo("two");
    assertThat(image.files().get("all/sub/script").owner()).isEqualTo("7:8");
    assertThat(image.files()).doesNotContainKey("all/.git");
    assertThat(image.files().get("sub/script").mode()).isEqualTo(0755);
    assertThat(image.files().get("sub/script").owner()).isEqualTo("0:0");
    assertThat(image.text("kept/sub/script")).isEqualTo("one");
    assertThat(image.files()).containsKey("kept/.git/HEAD").doesNotContainKey("kept/a");
    assertThat(image.text("checked/sub/script")).isEqualTo("one");
    // Three repositories: that of main, once whole and once a folder of it, and that of v1 twice.
    assertThat(log.text()).contains("Checked out " + first);
    assertThat(log.lines()).anyMatch(line -> line.startsWith("Step 3/6 : ADD --chown=7:8 $PLACE"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"embedded", "buildah"})
  void keepsToTheRulesOfSources(String name) throws Exception {
    use(name);
    EngineFailure other =
        fails("FROM scratch\nADD git://h.example/a /a\n", new SourceLocation.None());
    assertThat(other.code()).isEqualTo(FailureCode.GIT_FAILURE);
    assertThat(other.message()).contains("ADD from git", "is not http://, https://, ssh://");
    EngineFailure checked =
        fails(
            "FROM scratch\n\nADD --checksum=0123 " + open.url("/app/.git") + " /a\n",
            new SourceLocation.None());
    assertThat(checked.message()).contains("line 3", "which is not --checksum=0123");
  }

  @ParameterizedTest
  @ValueSource(strings = {"embedded", "buildah"})
  void givesTheBuildsTokenToItsOwnServerOnly(String name) throws Exception {
    use(name);
    Login login = new Login("", "a-token");
    SourceLocation own = new SourceLocation.Git(closed.url("/other/.git"), "", "", false, login);
    String add = "FROM scratch\nADD " + closed.url("/app/.git") + "#v1 /a\n";
    assertThat(built(add, own).text("a/sub/script")).isEqualTo("one");

    SourceLocation elsewhere =
        new SourceLocation.Git(open.url("/other/.git"), "", "", false, login);
    EngineFailure failure = fails(add, elsewhere);
    assertThat(failure.code()).isEqualTo(FailureCode.GIT_FAILURE);
    assertThat(failure.message()).contains("wants a key or token");
  }
}

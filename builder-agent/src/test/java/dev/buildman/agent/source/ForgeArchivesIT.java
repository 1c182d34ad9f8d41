package dev.buildman.agent.source;

import static dev.buildman.agent.source.Archives.dataUrl;
import static dev.buildman.agent.testing.GitServers.commit;
import static dev.buildman.agent.testing.GitServers.git;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.agent.source.SourceLocation.Packed;
import dev.buildman.agent.testing.NeedsPrograms;
import dev.buildman.agent.testing.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives as forges make them: git's own program packs them. */
@NeedsPrograms(Program.GIT)
class ForgeArchivesIT {
  @TempDir Path dir;
  private SourceFixture sources;
  private Path tree;
  private String commit = "";

  @BeforeEach
  void repository() throws Exception {
    sources = new SourceFixture(Files.createDirectory(dir.resolve("work")));
    tree = Files.createDirectory(dir.resolve("app"));
    git(tree, "init", "-q");
    commit(tree, "sub/Dockerfile", "FROM sub");
    commit = commit(tree, "Dockerfile", "FROM top");
  }

  private FetchedSource fetch(byte[] archive, String context, String dockerfile) throws Exception {
    String url = dataUrl("application/octet-stream", archive);
    return sources.fetch(SourceFixture.request(new Packed(url, null), context, dockerfile));
  }

  private byte[] archive(String... options) throws Exception {
    Path file = dir.resolve("archive");
    String[] command = new String[options.length + 3];
    command[0] = "archive";
    command[1] = "--output=" + file;
    System.arraycopy(options, 0, command, 2, options.length);
    command[command.length - 1] = "HEAD";
    git(tree, command);
    return Files.readAllBytes(file);
  }

  @ParameterizedTest
  @ValueSource(strings = {"tar", "tar.gz", "zip"})
  void theFolderOfAForgeIsEnteredAndTheCommitIsKnown(String format) throws Exception {
    byte[] archive = archive("--format=" + format, "--prefix=app-1.0/");

    FetchedSource source = fetch(archive, "", "");

    assertThat(source.dockerfile()).hasContent("FROM top");
    assertThat(source.contextDir().resolve("sub/Dockerfile")).exists();
    assertThat(source.commit()).isEqualTo(commit);
    assertThat(sources.lines())
        .contains("Entering app-1.0/: the archive was made of commit " + commit);
    assertThat(fetch(archive, "sub", "").dockerfile()).hasContent("FROM sub");
  }

  @Test
  void aBuildThatNamesTheFolderIsTakenAtItsWord() throws Exception {
    byte[] archive = archive("--prefix=app-1.0/");

    assertThat(fetch(archive, "app-1.0/sub", "").dockerfile()).hasContent("FROM sub");
    assertThat(fetch(archive, "", "app-1.0/Dockerfile").dockerfile()).hasContent("FROM top");
    assertThat(sources.lines())
        .contains("Not entering app-1.0/, as the build names app-1.0/Dockerfile");
  }

  @Test
  void aFolderThatSomebodyPackedIsNotEntered() throws Exception {
    byte[] archive = Archives.tar().file("app/Dockerfile", "FROM packed").gzipped();

    FetchedSource source = fetch(archive, "", "app/Dockerfile");
    assertThat(source.contextDir().resolve("app")).isDirectory();
    assertThat(fetch(archive, "app", "").dockerfile()).hasContent("FROM packed");
    sources.lines().clear();
    assertThatThrownBy(() -> fetch(archive, "", "")).hasMessageContaining("no Dockerfile");
    assertThat(sources.lines())
        .contains("Not entering app/: the archive names no commit, so no forge made it");
  }

  @Test
  void severalThingsAtTheTopAreNoFolderOfAForge() throws Exception {
    FetchedSource source = fetch(archive(), "", "");

    assertThat(source.dockerfile()).hasContent("FROM top");
    assertThat(source.commit()).isEqualTo(commit);
    assertThat(sources.lines()).noneMatch(line -> line.contains("ntering"));
  }
}

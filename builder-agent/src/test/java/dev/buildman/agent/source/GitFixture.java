package dev.buildman.agent.source;

import static dev.buildman.agent.source.SourceFixture.request;
import static dev.buildman.agent.testing.GitServers.commit;
import static dev.buildman.agent.testing.GitServers.git;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.agent.source.SourceLocation.Login;
import dev.buildman.proto.agent.FailureCode;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A repository with a few revisions, and what fetches it. */
abstract class GitFixture {
  @TempDir Path dir;

  SourceFixture sources;
  Path repositories;
  Path tree;
  String first = "";
  String second = "";

  @BeforeEach
  void repository() throws Exception {
    sources = new SourceFixture(Files.createDirectory(dir.resolve("work")));
    repositories = Files.createDirectory(dir.resolve("repositories"));
    tree = Files.createDirectory(repositories.resolve("app"));
    git(tree, "init", "-q");
    first = commit(tree, "Dockerfile", "FROM first");
    git(tree, "tag", "v1");
    second = commit(tree, "Dockerfile", "FROM second");
    git(tree, "checkout", "-q", "-b", "feature/x");
    commit(tree, "Dockerfile", "FROM feature");
    git(tree, "checkout", "-q", "main");
  }

  FetchedSource fetch(String url, String revision) throws Exception {
    return sources.fetch(SourceFixture.git(url, revision, Login.NONE));
  }

  void fails(SourceRequest request, FailureCode code, String... words) {
    assertThatThrownBy(() -> sources.fetch(request))
        .isInstanceOfSatisfying(SourceFailure.class, e -> assertThat(e.code()).isEqualTo(code))
        .message()
        .contains(words);
  }
}

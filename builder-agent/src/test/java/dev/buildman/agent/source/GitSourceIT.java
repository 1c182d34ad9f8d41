package dev.buildman.agent.source;

import static dev.buildman.agent.source.SourceFixture.request;
import static dev.buildman.agent.testing.GitServers.commit;
import static dev.buildman.agent.testing.GitServers.git;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.agent.runtime.Ticker;
import dev.buildman.agent.source.SourceLocation.Git;
import dev.buildman.agent.source.SourceLocation.Login;
import dev.buildman.agent.testing.GitServers;
import dev.buildman.agent.testing.NeedsPrograms;
import dev.buildman.agent.testing.Program;
import dev.buildman.agent.testing.ScriptedServer;
import dev.buildman.agent.testing.ScriptedServer.Asked;
import dev.buildman.agent.testing.SshServer;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Against git's own server, over http and over ssh. */
@NeedsPrograms(Program.GIT)
class GitSourceIT extends GitFixture {
  @Test
  void commitsBranchesTagsAndTheDefaultAreCheckedOutOverHttp() throws Exception {
    try (ScriptedServer server = GitServers.http(repositories, null)) {
      String url = server.url("/app/.git");
      assertThat(fetch(url, "").commit()).isEqualTo(second);
      assertThat(fetch(url, first).dockerfile()).hasContent("FROM first");
      assertThat(fetch(url, "v1").commit()).isEqualTo(first);
      assertThat(fetch(url, "feature/x").dockerfile()).hasContent("FROM feature");
      assertThat(fetch(url, "refs/heads/main").commit()).isEqualTo(second);
      assertThat(fetch(url, first.substring(0, 10)).commit()).isEqualTo(first);
    }
  }

  @Test
  void onlyTheOneRevisionIsFetched() throws Exception {
    try (ScriptedServer server = GitServers.http(repositories, null)) {
      Path context = fetch(server.url("/app/.git"), "main").contextDir();

      assertThat(git(context, "rev-list", "--count", "HEAD")).isEqualTo("1");
    }
  }

  /** Dumb servers know neither shallow fetches nor single commits. */
  @Test
  void aServerOfPlainFilesServesToo() throws Exception {
    git(tree, "update-server-info");
    try (ScriptedServer server =
        ScriptedServer.start(
            exchange -> {
              Path file = Path.of(repositories + exchange.getRequestURI().getPath());
              if (Files.isRegularFile(file)) {
                ScriptedServer.reply(exchange, 200, Files.readAllBytes(file));
              } else {
                ScriptedServer.reply(exchange, 404, "");
              }
            })) {
      assertThat(fetch(server.url("/app/.git"), "v1").commit()).isEqualTo(first);
      assertThat(fetch(server.url("/app/.git"), first).commit()).isEqualTo(first);
    }
  }

  @Test
  void whatIsNotThereIsNamed() throws Exception {
    try (ScriptedServer server = GitServers.http(repositories, null)) {
      String url = server.url("/app/.git");
      fails(
          SourceFixture.git(url, "no-such-branch", Login.NONE),
          FailureCode.GIT_CHECKOUT,
          "no branch, tag or commit 'no-such-branch'");
      fails(
          SourceFixture.git(url, "0".repeat(39) + "1", Login.NONE),
          FailureCode.GIT_CHECKOUT,
          "cannot be checked out");
      fails(
          SourceFixture.git(server.url("/none/.git"), "", Login.NONE),
          FailureCode.GIT_FAILURE,
          "cannot be fetched",
          "not found");
    }
  }

  @Test
  void optionsAndOtherTransportsNeverReachGit() {
    for (String url : List.of("--upload-pack=touch evil", "ext::sh -c id", "file://" + tree)) {
      fails(SourceFixture.git(url, "", Login.NONE), FailureCode.GIT_FAILURE, "was not used");
    }
    fails(
        SourceFixture.git("https://host/repo", "--output=evil", Login.NONE),
        FailureCode.GIT_CHECKOUT,
        "is no name");
  }

  @Test
  void aTokenIsSentAsThePasswordAndStaysNowhere() throws Exception {
    String wanted = basic("x-access-token:t0k/en +1");
    try (ScriptedServer server = GitServers.http(repositories, wanted)) {
      String url = server.url("/app/.git");
      FetchedSource source =
          sources.fetch(SourceFixture.git(url, "v1", new Login("", "t0k/en +1")));

      assertThat(source.commit()).isEqualTo(first);
      assertThat(server.asked()).extracting(Asked::authorization).contains(wanted);
      Path work = source.contextDir().resolveSibling(".").normalize();
      try (Stream<Path> files = Files.walk(work)) {
        assertThat(files.filter(Files::isRegularFile))
            .noneMatch(file -> contains(file, "t0k") || file.endsWith("credentials"));
      }
      fails(
          SourceFixture.git(url, "", new Login("", "wrong")),
          FailureCode.GIT_FAILURE,
          "wants a key or token");
    }
  }

  private static String basic(String pair) {
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  private static boolean contains(Path file, String text) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1).contains(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void hooksAndConfigurationOfARepositoryDoNotRun() throws Exception {
    Path evil = dir.resolve("evil");
    commit(tree, ".gitattributes", "* filter=evil\n");
    commit(tree, ".gitconfig", "[filter \"evil\"]\nsmudge = touch " + evil + "\n");
    try (ScriptedServer server = GitServers.http(repositories, null)) {
      assertThat(fetch(server.url("/app/.git"), "").dockerfile()).exists();
    }
    assertThat(evil).doesNotExist();
  }

  @Test
  void aDockerfileThatIsALinkOutIsRefused() throws Exception {
    Files.createSymbolicLink(tree.resolve("Evil"), Path.of("/etc/passwd"));
    commit(tree, "other", "x");
    try (ScriptedServer server = GitServers.http(repositories, null)) {
      Git from = new Git(server.url("/app/.git"), "", "", false, Login.NONE);
      fails(request(from, "", "Evil"), FailureCode.DOCKERFILE_ISSUE, "leads out of the source");
    }
  }

  @Test
  void submodulesAreFetchedWhenAskedForHoweverDeepAndTheirAddressesAreChecked() throws Exception {
    Path inner = Files.createDirectory(repositories.resolve("inner"));
    Path middle = Files.createDirectory(repositories.resolve("middle"));
    git(inner, "init", "-q");
    commit(inner, "deep", "treasure");
    git(middle, "init", "-q");
    git(middle, "submodule", "add", "-q", "--", inner.toString(), "inner");
    git(middle, "config", "-f", ".gitmodules", "submodule.inner.url", "../../inner/.git");
    commit(middle, "file", "x");
    git(tree, "submodule", "add", "-q", "--", middle.toString(), "lib/middle");
    git(tree, "config", "-f", ".gitmodules", "submodule.lib/middle.url", "../../middle/.git");
    commit(tree, "with", "submodules");
    try (ScriptedServer server = GitServers.http(repositories, null)) {
      String url = server.url("/app/.git");
      Git with = new Git(url, "", "", true, Login.NONE);
      assertThat(fetch(url, "").contextDir().resolve("lib/middle")).isEmptyDirectory();
      assertThat(sources.fetch(request(with, "", "")).contextDir().resolve("lib/middle/inner/deep"))
          .hasContent("treasure");

      for (String evil : List.of("ext::sh -c id", "file://" + inner, "--upload-pack=id")) {
        git(tree, "config", "-f", ".gitmodules", "submodule.lib/middle.url", evil);
        commit(tree, "with", evil);
        fails(request(with, "", ""), FailureCode.GIT_FAILURE, "of a submodule", "was not used");
      }
    }
  }

  @Test
  @NeedsPrograms({Program.SSH, Program.SSHD, Program.SSH_KEYGEN})
  void aKeyOpensARepositoryOverSshEvenWithoutItsLastNewline() throws Exception {
    try (SshServer server = SshServer.start(Files.createDirectory(dir.resolve("ssh")))) {
      String url = server.url(tree);
      Login login = new Login(server.userKey().strip(), "");

      FetchedSource source = sources.fetch(SourceFixture.git(url, first, login));

      assertThat(source.commit()).isEqualTo(first);
      assertThat(source.dockerfile()).hasContent("FROM first");
      assertThat(source.contextDir().resolveSibling("git-home")).doesNotExist();
      fails(
          SourceFixture.git(url, "", Login.NONE),
          FailureCode.GIT_FAILURE,
          "Permission denied",
          "wants a key or token");
      fails(
          SourceFixture.git(url, "", new Login("no key", "")),
          FailureCode.GIT_FAILURE,
          "Permission denied");
    }
  }

  @Test
  @NeedsPrograms({Program.SSH, Program.SSHD, Program.SSH_KEYGEN})
  void onlyTheHostKeysThatWereGivenAreAccepted() throws Exception {
    try (SshServer server = SshServer.start(Files.createDirectory(dir.resolve("ssh")))) {
      String url = server.url(tree);
      String right = server.knownHost();
      String wrong = right.substring(0, right.lastIndexOf(' ') + 1) + otherKey();

      Login strict = new Login(server.userKey(), "", "# the server\n" + right);
      assertThat(sources.fetch(SourceFixture.git(url, first, strict)).commit()).isEqualTo(first);
      fails(
          SourceFixture.git(url, first, new Login(server.userKey(), "", wrong)),
          FailureCode.GIT_FAILURE,
          "none of those that were given");
    }
  }

  private String otherKey() throws Exception {
    Path other = Files.createDirectory(dir.resolve("other"));
    try (SshServer server = SshServer.start(other)) {
      String line = server.knownHost();
      return line.substring(line.lastIndexOf(' ') + 1);
    }
  }

  /** A relative address may leave its server: what it leads to is checked like any other. */
  @Test
  void aRelativeAddressOfASubmoduleIsCheckedAsWhatItLeadsTo() throws Exception {
    String none = "0".repeat(39) + "1";
    git(tree, "update-index", "--add", "--cacheinfo", "160000," + none + ",sub");
    Files.writeString(
        tree.resolve(".gitmodules"),
        "[submodule \"sub\"]\n path = sub\n url = ../../x:../ -oProxyCommand=id\n");
    git(tree, "add", ".gitmodules");
    git(tree, "commit", "-q", "-m", "relative");
    try (ScriptedServer server = GitServers.http(repositories, null)) {
      Git with = new Git(server.url("/app/.git"), "", "", true, Login.NONE);
      fails(request(with, "", ""), FailureCode.GIT_FAILURE, "of a submodule", "was not used");
      assertThat(server.asked()).noneMatch(asked -> asked.uri().contains("Proxy"));
    }
  }

  @Test
  void anInterruptionEndsGitWithinASecond() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch release = new CountDownLatch(1);
    try (ScriptedServer server =
        ScriptedServer.start(
            exchange -> {
              asked.countDown();
              release.await();
            })) {
      FutureTask<FetchedSource> fetch =
          new FutureTask<>(() -> fetch(server.url("/app/.git"), "main"));
      Thread thread = Thread.ofVirtual().start(fetch);
      asked.await();

      Ticker ticker = Ticker.system();
      long start = ticker.nanos();
      thread.interrupt();
      thread.join();

      // A second is the promise, the others are for a machine that is busy with other tests.
      assertThat(ticker.since(start)).isLessThan(Duration.ofSeconds(5));
      assertThatThrownBy(fetch::get).hasCauseInstanceOf(InterruptedException.class);
    } finally {
      release.countDown();
    }
  }
}

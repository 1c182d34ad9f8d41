package dev.buildman.agent.source;

import static dev.buildman.agent.testing.GitServers.commit;
import static dev.buildman.agent.testing.GitServers.git;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import dev.buildman.agent.source.SourceLocation.Git;
import dev.buildman.agent.source.SourceLocation.Login;
import dev.buildman.agent.testing.GitServers;
import dev.buildman.agent.testing.NeedsPrograms;
import dev.buildman.agent.testing.Program;
import dev.buildman.agent.testing.ScriptedServer;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A network that fails git for a while, or for good. */
@NeedsPrograms(Program.GIT)
final class GitNetworkIT {
  @TempDir private Path dir;
  private SourceFixture sources;
  private Path repositories;
  private String head = "";

  @BeforeEach
  void repository() throws Exception {
    sources = new SourceFixture(Files.createDirectory(dir.resolve("work")));
    repositories = Files.createDirectory(dir.resolve("repositories"));
    Path module = Files.createDirectory(repositories.resolve("module"));
    git(module, "init", "-q");
    commit(module, "part", "of a module");
    Path tree = Files.createDirectory(repositories.resolve("app"));
    git(tree, "init", "-q");
    commit(tree, "Dockerfile", "FROM scratch");
    git(tree, "submodule", "--quiet", "add", "../module/.git", "module");
    git(tree, "config", "-f", ".gitmodules", "submodule.module.url", "../../module/.git");
    git(tree, "commit", "-q", "-a", "-m", "module");
    head = git(tree, "rev-parse", "HEAD");
  }

  private SourceRequest request(ScriptedServer front) {
    return SourceFixture.request(new Git(front.url("/app/.git"), "", "", true, Login.NONE), "", "");
  }

  /** Of each repository the first requests fail in different ways, as over a bad line. */
  @Test
  void aFetchIsRepeatedWithGrowingPauses() throws Exception {
    AtomicInteger app = new AtomicInteger();
    AtomicInteger module = new AtomicInteger();
    try (ScriptedServer git = GitServers.http(repositories, null);
        ScriptedServer front =
            ScriptedServer.start(
                call -> {
                  String path = call.getRequestURI().getPath();
                  AtomicInteger asked = path.startsWith("/app/") ? app : module;
                  switch (asked.incrementAndGet()) {
                    case 1 -> ScriptedServer.reply(call, 503, "");
                    case 2 -> cut(call);
                    default -> {
                      call.getResponseHeaders()
                          .set("Location", git.url(call.getRequestURI().toString()));
                      ScriptedServer.reply(call, 302, "");
                    }
                  }
                })) {
      FetchedSource fetched = sources.fetch(request(front));

      assertThat(fetched.commit()).isEqualTo(head);
      assertThat(fetched.contextDir().resolve("module/part")).hasContent("of a module");
      // git itself tries a submodule twice.
      Duration one = Duration.ofSeconds(1);
      Duration two = Duration.ofSeconds(2);
      assertThat(sources.pauses()).as(sources.lines().toString()).containsExactly(one, two, one);
      assertThat(sources.lines()).contains("The network failed git; it is tried again in 2 s");
    }
  }

  /** Promises more than it sends. */
  private static void cut(HttpExchange call) throws IOException {
    call.getResponseHeaders().set("Content-Type", "application/x-git-upload-pack-advertisement");
    call.sendResponseHeaders(200, 1000);
    call.getResponseBody().write(new byte[10]);
    call.getResponseBody().flush();
  }

  @Test
  void whatStaysBrokenEndsTheBuildAfterAFewTries() throws Exception {
    try (ScriptedServer front = ScriptedServer.start(call -> ScriptedServer.reply(call, 502, ""))) {
      assertThatThrownBy(() -> sources.fetch(request(front)))
          .isInstanceOfSatisfying(
              SourceFailure.class, e -> assertThat(e.code()).isEqualTo(FailureCode.GIT_FAILURE))
          .hasMessageContaining("502");
      assertThat(sources.pauses()).hasSize(3);
    }
  }

  @Test
  void whatIsRefusedIsAskedOnce() throws Exception {
    try (ScriptedServer front = ScriptedServer.start(call -> ScriptedServer.reply(call, 403, ""))) {
      assertThatThrownBy(() -> sources.fetch(request(front))).hasMessageContaining("403");
      assertThat(sources.pauses()).isEmpty();
    }
  }
}

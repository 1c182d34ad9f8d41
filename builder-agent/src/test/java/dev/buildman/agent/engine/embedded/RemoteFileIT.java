package dev.buildman.agent.engine.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import dev.buildman.agent.dockerfile.DockerfileException;
import dev.buildman.agent.engine.EngineFailure;
import dev.buildman.agent.engine.tree.FileEntry;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.testing.ScriptedServer;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** ADD from a web server, against one that misbehaves. */
@Timeout(20)
class RemoteFileIT {

  private static final String TEXT = "content";

  @TempDir Path folder;
  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch over = new CountDownLatch(1);
  private @Nullable ScriptedServer server;

  @BeforeEach
  void start() throws IOException {
    server = ScriptedServer.start(this::answer);
  }

  @AfterEach
  void stop() {
    over.countDown();
    if (server != null) {
      server.close();
    }
  }

  private void answer(HttpExchange exchange) throws IOException, InterruptedException {
    String path = exchange.getRequestURI().getPath();
    switch (path) {
      case "/dir/file.txt" -> {
        exchange.getResponseHeaders().add("Last-Modified", "Sun, 06 Nov 1994 08:49:37 GMT");
        ScriptedServer.reply(exchange, 200, TEXT);
      }
      case "/moved" -> redirect(exchange, "/dir/file.txt");
      case "/loop" -> redirect(exchange, "/loop");
      case "/to-file" -> redirect(exchange, "file:///etc/passwd");
      case "/to-metadata" -> redirect(exchange, "http://169.254.169.254/latest/meta-data/");
      case "/hangs" -> {
        exchange.sendResponseHeaders(200, 100);
        exchange.getResponseBody().flush();
        asked.countDown();
        over.await();
      }
      default -> ScriptedServer.reply(exchange, 404, "<html>no</html>");
    }
  }

  private static void redirect(HttpExchange exchange, String to) throws IOException {
    exchange.getResponseHeaders().add("Location", to);
    ScriptedServer.reply(exchange, 302, "");
  }

  private FileEntry fetch(String path, @Nullable String checksum)
      throws EngineFailure, DockerfileException, InterruptedException {
    ScriptedServer running = server;
    assertThat(running).isNotNull();
    return new RemoteFile(running.url(path), 4).fetch(folder.resolve("file"), checksum, 5);
  }

  @Test
  void aFileIsForItsOwnerAloneAndAsOldAsTheServerSays() throws Exception {
    FileEntry entry = fetch("/moved", Digest.of(TEXT.getBytes(StandardCharsets.UTF_8)).toString());
    assertThat(folder.resolve("file")).hasContent(TEXT);
    assertThat(entry.mode()).isEqualTo(0600);
    assertThat(entry.modified()).isEqualTo(784111777L);
    assertThat(new RemoteFile("https://x/a/b.tgz?sig=1", 1).name()).isEqualTo("b.tgz");
  }

  @Test
  void anotherContentThanTheChecksumSaysIsRefused() {
    String wrong = Digest.of(new byte[1]).toString();
    assertThatThrownBy(() -> fetch("/dir/file.txt", wrong))
        .hasMessageContaining("its checksum is not " + wrong);
    assertThatThrownBy(() -> fetch("/dir/file.txt", "md5:1"))
        .isInstanceOf(DockerfileException.class)
        .hasMessageContaining("line 4");
  }

  @Test
  void anErrorPageIsNoFileAndTheQueryIsNotShown() {
    assertThatThrownBy(() -> fetch("/missing?token=hidden", null))
        .isInstanceOfSatisfying(
            EngineFailure.class, e -> assertThat(e.code()).isEqualTo(FailureCode.BUILD_ERROR))
        .hasMessageContaining("line 4")
        .hasMessageContaining("/missing failed: the server answered 404")
        .hasMessageNotContaining("hidden");
    assertThat(Files.exists(folder.resolve("file"))).isFalse();
  }

  @Test
  void redirectsLeadNeitherToFilesNorToMetadataServersNorRoundInCircles() {
    assertThatThrownBy(() -> fetch("/to-file", null))
        .hasMessageContaining("neither http nor https");
    assertThatThrownBy(() -> fetch("/to-metadata", null)).hasMessageContaining("may not reach");
    assertThatThrownBy(() -> fetch("/loop", null))
        .hasMessageContaining("redirects more than 10 times");
  }

  /** Often, as it may meet the answer's head or its body. */
  @RepeatedTest(40)
  void aCancelEndsItInTheMiddleOfTheBody() throws Exception {
    AtomicReference<Throwable> end = new AtomicReference<>();
    Thread thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    fetch("/hangs", null);
                  } catch (Throwable e) {
                    end.set(e);
                  }
                });
    asked.await();
    thread.interrupt();
    thread.join();
    assertThat(end.get()).isInstanceOf(InterruptedException.class);
  }
}

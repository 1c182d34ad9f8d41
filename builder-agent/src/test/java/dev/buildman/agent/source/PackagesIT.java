package dev.buildman.agent.source;

import static dev.buildman.agent.source.Archives.dataUrl;
import static dev.buildman.agent.source.SourceFixture.packed;
import static dev.buildman.agent.source.SourceFixture.request;
import static dev.buildman.agent.testing.ScriptedServer.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import dev.buildman.agent.registry.Digest;
import dev.buildman.agent.source.SourceLocation.Packed;
import dev.buildman.agent.source.SourceRequest.PathOrigin;
import dev.buildman.agent.testing.ScriptedServer;
import dev.buildman.proto.agent.FailureCode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PackagesIT {
  @TempDir Path dir;
  private SourceFixture sources;

  @BeforeEach
  void fixture() {
    sources = new SourceFixture(dir);
  }

  private static void serve(HttpExchange exchange, String type, byte[] body) throws IOException {
    exchange.getResponseHeaders().add("Content-Type", type);
    reply(exchange, 200, body);
  }

  private void fails(SourceRequest request, FailureCode code, String... words) {
    assertThatThrownBy(() -> sources.fetch(request, SourceFixture.small()))
        .isInstanceOfSatisfying(SourceFailure.class, e -> assertThat(e.code()).isEqualTo(code))
        .message()
        .contains(words);
  }

  @Test
  void aGzippedTarIsUnpackedWithModesLinksAndFolders() throws Exception {
    byte[] tar =
        Archives.tar()
            .folder("bin", 0500)
            .file("bin/run", "#!", 0104755)
            .file("./Dockerfile", "FROM scratch")
            .symlink("link", "bin/run")
            .symlink("dangling", "nowhere")
            .hardlink("same", "bin/run")
            .gzipped();

    FetchedSource source = sources.fetch(packed(dataUrl("application/x-tar", tar)));

    Path context = source.contextDir();
    assertThat(source.dockerfile()).hasContent("FROM scratch").startsWith(context);
    assertThat(Files.readSymbolicLink(context.resolve("link"))).hasToString("bin/run");
    assertThat(context.resolve("same")).hasContent("#!");
    assertThat(mode(context.resolve("bin/run"))).isEqualTo("rwxr-xr-x");
    assertThat(mode(context.resolve("bin"))).isEqualTo("rwx------");
    assertThat(context.resolveSibling("package")).doesNotExist();
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  @Test
  void tarAndZipAreToldApartByTheirFirstBytesWhateverTheTypeSays() throws Exception {
    byte[] tar = Archives.tar().file("Dockerfile", "FROM a").plain();
    byte[] zip = Archives.zip("Dockerfile", "FROM b", 0100640);

    assertThat(sources.fetch(packed(dataUrl("application/octet-stream", tar))).dockerfile())
        .hasContent("FROM a");
    Path unzipped = sources.fetch(packed(dataUrl("application/gzip", zip))).dockerfile();
    assertThat(unzipped).hasContent("FROM b");
    assertThat(mode(unzipped)).isEqualTo("rw-r-----");
  }

  @Test
  void aPlainDockerfileHasAnEmptyContextWhateverThePathsSay() throws Exception {
    SourceLocation plain = new Packed("data:text/plain,FROM%20scratch%0A", null);

    FetchedSource source = sources.fetch(request(plain, "some/where", "Other"));

    assertThat(source.dockerfile()).hasContent("FROM scratch\n");
    try (var files = Files.list(source.contextDir())) {
      assertThat(files).containsExactly(source.dockerfile());
    }
  }

  @Test
  void anInlineDockerfileStandsBesideAnEmptyContext() throws Exception {
    FetchedSource source = sources.fetch(SourceFixture.inline("FROM scratch"));

    assertThat(source.dockerfile()).hasContent("FROM scratch");
    assertThat(source.contextDir()).isEmptyDirectory();
  }

  @Test
  void nothingAtAllIsNamed() {
    SourceRequest none =
        new SourceRequest(new SourceLocation.None(), "", "", PathOrigin.SOURCE, null);

    fails(none, FailureCode.MISSING_OR_INVALID_ARGUMENT, "no source");
  }

  @Test
  void theDigestOfAPackageIsVerified() throws Exception {
    byte[] tar = Archives.tar().file("Dockerfile", "FROM a").gzipped();
    String url = dataUrl("application/gzip", tar);

    fails(
        request(new Packed(url, "sha256:" + "0".repeat(64)), "", ""),
        FailureCode.BUILD_PACK_ISSUE,
        "not the one that was uploaded");
    String digest = Digest.of(tar).toString();
    assertThat(sources.fetch(request(new Packed(url, digest), "", "")).dockerfile()).exists();
  }

  @Test
  void anAnswerThatIsNot200IsNeverUnpacked() throws Exception {
    byte[] tar = Archives.tar().file("Dockerfile", "FROM a").gzipped();
    try (ScriptedServer server = ScriptedServer.start(exchange -> reply(exchange, 404, tar))) {
      fails(
          packed(server.url("/p.tar.gz?token=s3cret")),
          FailureCode.BUILD_PACK_ISSUE,
          "answered 404",
          server.url("/p.tar.gz"));
      assertThat(server.asked()).hasSize(1);
      assertThat(sources.lines()).isNotEmpty().noneMatch(line -> line.contains("s3cret"));
    }
  }

  @Test
  void aServersFaultIsTriedAgain() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    byte[] tar = Archives.tar().file("Dockerfile", "FROM a").gzipped();
    try (ScriptedServer server =
        ScriptedServer.start(
            exchange -> {
              if (asked.incrementAndGet() < 3) {
                reply(exchange, 503, "");
              } else {
                serve(exchange, "application/gzip", tar);
              }
            })) {
      assertThat(sources.fetch(packed(server.url("/p"))).dockerfile()).hasContent("FROM a");
    }
  }

  @ParameterizedTest
  @CsvSource({
    "text/html, <p>Please log in, HTML page",
    "application/octet-stream, '<!DOCTYPE html><title>x', HTML page",
    "application/gzip, ' <html>', HTML page",
    "application/gzip, nothing packed, is none",
    "application/json, {}, application/json",
    "application/octet-stream, BZh9, cannot be unpacked",
    "application/octet-stream, Rar!x, 7z or RAR",
    "text/plain, '', it is empty",
  })
  void whatIsNoPackageIsNamed(String type, String body, String words) throws Exception {
    try (ScriptedServer server =
        ScriptedServer.start(
            exchange -> serve(exchange, type, body.getBytes(StandardCharsets.UTF_8)))) {
      fails(packed(server.url("/p")), FailureCode.CANNOT_EXTRACT_BUILD_PACK, words);
    }
  }

  @Test
  void redirectsAreCountedAndNeverLeaveTheWeb() throws Exception {
    List<String> elsewhere =
        List.of("file:///etc/passwd", "ftp://h/x", "jar:file:/x.jar!/y", "data:,FROM", "unix:/run");
    try (ScriptedServer server =
        ScriptedServer.start(
            exchange -> {
              String path = exchange.getRequestURI().getPath();
              String to =
                  path.equals("/loop") ? path : elsewhere.get(Integer.parseInt(path.substring(1)));
              exchange.getResponseHeaders().add("Location", to);
              reply(exchange, 302, "");
            })) {
      for (int i = 0; i < elsewhere.size(); i++) {
        fails(
            packed(server.url("/" + i)),
            FailureCode.BUILD_PACK_ISSUE,
            "it redirects to",
            "no web address");
      }
      fails(packed(server.url("/loop")), FailureCode.BUILD_PACK_ISSUE, "more than 5 times");
    }
    fails(packed("file:///etc/passwd"), FailureCode.MISSING_OR_INVALID_ARGUMENT, "http://");
  }

  @Test
  void aPackageLargerThanTheLimitIsNotKept() throws Exception {
    try (ScriptedServer server =
        ScriptedServer.start(
            exchange -> serve(exchange, "application/gzip", new byte[(1 << 20) + 1]))) {
      fails(packed(server.url("/p")), FailureCode.CANNOT_EXTRACT_BUILD_PACK, "larger than 1 MiB");
    }
  }

  @ParameterizedTest
  @CsvSource({
    // context, path, where it begins, the file that is the Dockerfile
    "'', '', SOURCE, Dockerfile",
    "/, /Dockerfile, SOURCE, Dockerfile",
    "sub, '', SOURCE, sub/Dockerfile",
    "sub, Dockerfile, SOURCE, Dockerfile",
    "sub, Dockerfile, CONTEXT, sub/Dockerfile",
    "sub, only, SOURCE, sub/only",
    "sub, ../Dockerfile, CONTEXT, Dockerfile",
    "'', sub, SOURCE, sub/Dockerfile",
    "'', sub/, SOURCE, sub/Dockerfile",
    "'', alias, SOURCE, sub/only",
  })
  void contextAndDockerfileAreFoundAsTheManagersNameThem(
      String context, String path, PathOrigin origin, String file) throws Exception {
    byte[] tar =
        Archives.tar()
            .file("Dockerfile", "Dockerfile")
            .file("sub/Dockerfile", "sub/Dockerfile")
            .file("sub/only", "sub/only")
            .symlink("alias", "sub/only")
            .gzipped();
    SourceLocation location = new Packed(dataUrl("application/gzip", tar), null);

    FetchedSource source = sources.fetch(new SourceRequest(location, context, path, origin, null));

    assertThat(source.dockerfile()).hasContent(file);
    assertThat(source.contextDir().endsWith("sub")).isEqualTo(context.equals("sub"));
  }

  @ParameterizedTest
  @CsvSource({
    "../.., '', leads out",
    "'', ../../etc/passwd, leads out",
    "missing, '', no folder 'missing'",
    "'', missing, no Dockerfile at 'missing'",
  })
  void pathsThatLeadOutOrNowhereAreNamed(String context, String path, String words)
      throws Exception {
    byte[] tar = Archives.tar().file("Dockerfile", "x").gzipped();
    SourceLocation location = new Packed(dataUrl("application/gzip", tar), null);

    fails(request(location, context, path), FailureCode.DOCKERFILE_ISSUE, words);
  }
}

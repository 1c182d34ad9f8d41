package dev.buildman.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.buildman.client.BuildsClient;
import dev.buildman.proto.v1.Build;
import dev.buildman.proto.v1.BuildSpec;
import dev.buildman.proto.v1.CreateBuildRequest;
import dev.buildman.proto.v1.Phase;
import dev.buildman.testing.redis.RedisTest;
import dev.buildman.testing.redis.TestRedis;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.archivers.zip.ZipEncodingHelper;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What only a worker can find out about a build's input, and what the person who asked for the
 * build is told: the phase, the reason's code, and a sentence that names the fault and its place.
 * What is refused before, is refused at the edge: {@code BadRequestIT}.
 */
@RedisTest
class BadInputIT {
  /** Ten gigabytes, in members of a mebibyte. */
  private static final int BOMB_MEMBERS = 10 << 10;

  private static final String GOOD = "FROM scratch\nLABEL a=b\n";

  @TempDir private Path folder;
  private HttpServer web;

  /** What is built, and what is said of it. */
  private record Case(BuildSpec.Builder spec, Phase phase, String reason, String... words) {}

  @BeforeEach
  void serve() throws IOException {
    web = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    web.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    web.createContext("/missing.tar.gz", exchange -> answer(exchange, 404, "text/plain", gone()));
    web.createContext(
        "/login.tar.gz",
        exchange -> answer(exchange, 200, "text/html", "<p>Please log in".getBytes(UTF_8)));
    web.createContext("/bomb.tar.gz", BadInputIT::bomb);
    // A registry that everybody may ask and nobody may push to.
    web.createContext("/v2/", BadInputIT::closedRegistry);
    web.start();
  }

  @AfterEach
  void stop() {
    web.stop(0);
  }

  @Test
  void eachIsToldWithItsCodeAndItsPlace(TestRedis redis) throws Exception {
    try (Site site = Site.open(folder, redis.settings(), redis.prefix())) {
      ManagerProcess manager = site.manager(Map.of());
      try (BuildsClient client = manager.client()) {
        Map<String, Case> cases = cases(site);
        Map<String, Build> builds = new LinkedHashMap<>();
        cases.forEach((name, one) -> builds.put(name, enqueue(client, name, one.spec())));
        SoftAssertions all = new SoftAssertions();
        for (Map.Entry<String, Case> one : cases.entrySet()) {
          check(all, one.getKey(), one.getValue(), follow(client, builds.get(one.getKey())));
        }
        all.assertAll();
        Watching.awaitNothingLeft(client, site);
      }
      assertThat(manager.log()).doesNotContain(" ERROR ");
    }
  }

  private static Build follow(BuildsClient client, Build build) throws InterruptedException {
    return new Watching().follow(client, build.getId());
  }

  private static void check(SoftAssertions all, String name, Case expected, Build ended) {
    all.assertThat(ended.getPhase()).as("%s: %s", name, ended).isEqualTo(expected.phase());
    all.assertThat(ended.getReason()).as("%s: %s", name, ended).isEqualTo(expected.reason());
    all.assertThat(ended.getReasonText()).as(name).contains(expected.words());
  }

  private static Build enqueue(BuildsClient client, String name, BuildSpec.Builder spec) {
    return client
        .createBuild(
            CreateBuildRequest.newBuilder()
                // What the platform is to blame for would be repeated.
                .setTries(1)
                .setSpec(spec.setRepository("acme/" + name).addTags("latest"))
                .build())
        .getBuild();
  }

  private Map<String, Case> cases(Site site) throws IOException {
    Map<String, Case> cases = new LinkedHashMap<>();
    cases.put(
        "missing",
        new Case(
            packed("/missing.tar.gz"),
            Phase.PHASE_INTERNAL_ERROR,
            "SOURCE_UNAVAILABLE",
            "answered 404",
            "/missing.tar.gz"));
    cases.put("html", invalid(packed("/login.tar.gz"), "HTML page"));
    cases.put("bomb", invalid(packed("/bomb.tar.gz"), "more than 300 times its own size"));
    cases.put("dots", invalid(packed("dots", tar("../evil", "")), "'../evil'", "a path with .."));
    cases.put("absolute", invalid(packed("abs", tar("/tmp/evil", "")), "'/tmp/evil'"));
    cases.put("link", invalid(packed("link", tar("out", "../../etc")), "'out'", "../../etc"));
    cases.put(
        "dockerfile-missing",
        new Case(
            packed("none", tar("README", "")),
            Phase.PHASE_ERROR,
            "DOCKERFILE_INVALID",
            "no Dockerfile"));
    cases.put(
        "syntax",
        new Case(
            inline("FROM scratch\n\nCPOY a b\n"),
            Phase.PHASE_ERROR,
            "DOCKERFILE_INVALID",
            "line 3",
            "CPOY",
            "did you mean COPY?"));
    cases.put(
        "base",
        new Case(
            inline("FROM " + site.registry() + "/lib/none:7\n"),
            Phase.PHASE_ERROR,
            "BASE_IMAGE_UNAVAILABLE",
            "lib/none:7"));
    cases.put(
        "denied",
        new Case(
            inline(GOOD).setRegistry(host()), Phase.PHASE_ERROR, "PUSH_DENIED", host(), "denied"));
    cases.put(
        "outside",
        new Case(
            inline("FROM scratch\nCOPY ../../etc/passwd /\n"),
            Phase.PHASE_ERROR,
            "BUILD_FAILED",
            "../../etc/passwd"));
    return cases;
  }

  private static Case invalid(BuildSpec.Builder spec, String... words) {
    return new Case(spec, Phase.PHASE_ERROR, "SOURCE_INVALID", words);
  }

  private String host() {
    return "127.0.0.1:" + web.getAddress().getPort();
  }

  private BuildSpec.Builder packed(String path) {
    return BuildSpec.newBuilder().setPackageUrl("http://" + host() + path);
  }

  private BuildSpec.Builder packed(String name, byte[] archive) {
    String path = "/" + name + ".tar.gz";
    web.createContext(path, exchange -> answer(exchange, 200, "application/gzip", archive));
    return packed(path);
  }

  private static BuildSpec.Builder inline(String dockerfile) {
    return BuildSpec.newBuilder().setInlineDockerfile(dockerfile);
  }

  /** A gzipped tar with one entry: a link where a target is named. */
  private static byte[] tar(String name, String target) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
      byte kind = target.isEmpty() ? TarConstants.LF_NORMAL : TarConstants.LF_SYMLINK;
      TarArchiveEntry entry = new TarArchiveEntry(name, kind, true);
      entry.setLinkName(target);
      tar.putArchiveEntry(entry);
      tar.closeArchiveEntry();
    }
    return bytes.toByteArray();
  }

  /** A tar of ten gigabytes of zeros in ten megabytes: members of a gzip follow each other. */
  private static void bomb(HttpExchange exchange) throws IOException {
    ByteArrayOutputStream header = new ByteArrayOutputStream();
    TarArchiveEntry entry = new TarArchiveEntry("zeros");
    entry.setSize((long) BOMB_MEMBERS << 20);
    byte[] block = new byte[512];
    entry.writeEntryHeader(block, ZipEncodingHelper.getZipEncoding("UTF-8"), true);
    try (GZIPOutputStream gzip = new GZIPOutputStream(header)) {
      gzip.write(block);
    }
    ByteArrayOutputStream zeros = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(zeros)) {
      gzip.write(new byte[1 << 20]);
    }
    exchange.getResponseHeaders().set("Content-Type", "application/gzip");
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream body = exchange.getResponseBody()) {
      body.write(header.toByteArray());
      for (int i = 0; i < BOMB_MEMBERS; i++) {
        body.write(zeros.toByteArray());
      }
    }
  }

  private static void closedRegistry(HttpExchange exchange) throws IOException {
    boolean asked = exchange.getRequestURI().getPath().equals("/v2/");
    answer(
        exchange,
        asked ? 200 : exchange.getRequestMethod().equals("HEAD") ? 404 : 403,
        "application/json",
        "{\"errors\":[{\"code\":\"DENIED\",\"message\":\"access to the resource is denied\"}]}"
            .getBytes(UTF_8));
  }

  private static byte[] gone() {
    return "not here".getBytes(UTF_8);
  }

  private static void answer(HttpExchange exchange, int status, String type, byte[] content)
      throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.getRequestBody().readAllBytes();
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, head ? -1 : content.length);
    if (!head) {
      exchange.getResponseBody().write(content);
    }
    exchange.close();
  }
}

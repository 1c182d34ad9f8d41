package dev.buildman.agent.engine.buildah;

import dev.buildman.agent.engine.buildah.LoopbackHttp.Answer;
import dev.buildman.agent.engine.buildah.LoopbackHttp.Request;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Takes one image from a buildah on this machine, as a registry would: it says of some layers that
 * it has them, so that these are neither read nor packed. Only who knows the repository's random
 * name is answered. What arrives is checked where it is used: its digests are the registry's to
 * verify.
 */
final class LoopbackRegistry implements AutoCloseable {
  private static final Pattern BLOB = Pattern.compile("blobs/(sha256:[0-9a-f]{64})");
  private static final Pattern UPLOAD = Pattern.compile("blobs/uploads/([0-9a-f]{16})?");
  private static final Pattern DIGEST = Pattern.compile("[?&]digest=sha256(?::|%3A)([0-9a-f]{64})");
  private static final String MANIFEST = "manifests/image";
  private static final int LARGEST_MANIFEST = 4 << 20;

  private final Path folder;
  private final Predicate<String> has;
  private final String repository;
  private final Map<String, Path> uploads = new ConcurrentHashMap<>();
  private final SecureRandom random = new SecureRandom();
  private volatile byte @Nullable [] manifest;
  private @Nullable LoopbackHttp http;

  private LoopbackRegistry(Path folder, Predicate<String> has) {
    this.folder = folder;
    this.has = has;
    this.repository = "export/" + name(16);
  }

  /**
   * Starts one on a free port.
   *
   * @param folder an existing one, gets a file for each blob, named by its hex digest
   * @param has whether a blob with this digest need not be sent
   */
  static LoopbackRegistry start(Path folder, Predicate<String> has) throws IOException {
    LoopbackRegistry registry = new LoopbackRegistry(folder, has);
    registry.http = LoopbackHttp.start(registry::answer);
    return registry;
  }

  /** What to push to. */
  String destination() {
    int port = Objects.requireNonNull(http).port();
    return "docker://127.0.0.1:" + port + "/" + repository + ":image";
  }

  /** The manifest that was pushed, null before. */
  byte @Nullable [] manifest() {
    byte[] pushed = manifest;
    return pushed == null ? null : pushed.clone();
  }

  private String name(int bytes) {
    byte[] name = new byte[bytes];
    random.nextBytes(name);
    return HexFormat.of().formatHex(name);
  }

  private Answer answer(Request request) throws IOException {
    String path = request.target().replaceFirst("\\?.*", "");
    String own = "/v2/" + repository + "/";
    if (path.equals("/v2/")) {
      return Answer.of(200);
    }
    return path.startsWith(own) ? answer(request, path.substring(own.length())) : Answer.of(404);
  }

  private Answer answer(Request request, String what) throws IOException {
    Matcher blob = BLOB.matcher(what);
    Matcher upload = UPLOAD.matcher(what);
    String session = upload.matches() && upload.group(1) != null ? upload.group(1) : "";
    return switch (request.method()) {
      case "HEAD" -> look(blob.matches() ? blob.group(1) : "");
      case "POST" -> begin();
      case "PATCH" -> receive(request, session);
      case "PUT" -> what.equals(MANIFEST) ? keep(request) : finish(request, session);
      default -> Answer.of(405);
    };
  }

  private Answer keep(Request request) throws IOException {
    manifest = request.body().readNBytes(LARGEST_MANIFEST);
    return Answer.of(201);
  }

  private Answer look(String digest) throws IOException {
    Path file = folder.resolve(digest.replaceFirst("^sha256:", ""));
    boolean sent = !digest.isEmpty() && Files.isRegularFile(file);
    if (!sent && !has.test(digest)) {
      return Answer.of(404);
    }
    String size = sent ? String.valueOf(Files.size(file)) : "1";
    return new Answer(200, Map.of("Content-Length", size, "Docker-Content-Digest", digest));
  }

  private Answer begin() throws IOException {
    String name = name(8);
    Path file = Files.createFile(folder.resolve("upload-" + name));
    uploads.put(name, file);
    return goOn(name, 0);
  }

  private Answer receive(Request request, String name) throws IOException {
    Path file = uploads.get(name);
    if (file == null) {
      return Answer.of(404);
    }
    append(request, file);
    return goOn(name, Files.size(file));
  }

  private static void append(Request request, Path file) throws IOException {
    try (OutputStream out = Files.newOutputStream(file, StandardOpenOption.APPEND)) {
      request.body().transferTo(out);
    }
  }

  private Answer finish(Request request, String name) throws IOException {
    Path file = uploads.remove(name);
    Matcher digest = DIGEST.matcher(request.target());
    if (file == null || !digest.find()) {
      return Answer.of(404);
    }
    append(request, file);
    Files.move(file, folder.resolve(digest.group(1)), StandardCopyOption.REPLACE_EXISTING);
    return Answer.of(201);
  }

  private Answer goOn(String name, long size) {
    return new Answer(
        202,
        Map.of(
            "Location",
            "/v2/" + repository + "/blobs/uploads/" + name,
            "Range",
            "0-" + Math.max(0, size - 1)));
  }

  @Override
  public void close() throws IOException {
    Objects.requireNonNull(http).close();
  }
}

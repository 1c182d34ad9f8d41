package dev.buildman.agent.training;

import dev.buildman.agent.registry.Digest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** Answers as buildah does, and makes always the same image. */
public final class StandInBuildah {
  private static final List<String> NAMES = List.of("buildah", "newuidmap", "newgidmap");

  /** Looks for no program in any folder but this one's, and makes no namespace. */
  private static final String UNSHARE =
      """
      #!/bin/sh
      while [ "$1" != -- ]; do shift; done
      shift
      [ "$1" != buildah ] || { shift; set -- "${0%/*}/buildah" "$@"; }
      exec "$@"
      """;

  private StandInBuildah() {}

  /** Puts it, under the names of the programs that belong to it, into an empty folder. */
  static Path install(Path folder) throws IOException {
    String script =
        "#!/bin/sh\nexec %s/bin/java -XX:TieredStopAtLevel=1 -cp '%s' %s \"$@\"\n"
            .formatted(
                System.getProperty("java.home"),
                System.getProperty("java.class.path"),
                StandInBuildah.class.getName());
    for (String name : NAMES) {
      program(folder.resolve(name), script);
    }
    program(folder.resolve("unshare"), UNSHARE);
    return folder;
  }

  private static void program(Path file, String script) throws IOException {
    Files.writeString(file, script);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  static void remove(Path folder) throws IOException {
    for (String name : NAMES) {
      Files.deleteIfExists(folder.resolve(name));
    }
    Files.deleteIfExists(folder.resolve("unshare"));
    Files.deleteIfExists(folder);
  }

  /** Arguments: as buildah has them. */
  public static void main(String[] args) throws IOException, InterruptedException {
    List<String> arguments = List.of(args);
    String id = Digest.of(new byte[0]).hex();
    if (arguments.contains("--version")) {
      System.out.println("buildah version 1.28.2 (image-spec 1.1.0-rc2, runtime-spec 1.0.2-dev)");
    } else if (arguments.contains("pull")) {
      System.err.println("Copying blob " + Digest.of(new byte[0]));
      System.out.println(id);
    } else if (arguments.contains("build")) {
      System.out.println("STEP 1/4: FROM base\nSTEP 2/4: ARG A=1\nSTEP 3/4: COPY Dockerfile /");
      System.out.println("STEP 4/4: RUN true\nsome words");
      Files.writeString(Path.of(value(arguments, "--iidfile=")), "sha256:" + id);
    } else if (arguments.contains("push")) {
      push(arguments.getLast().replaceFirst("docker://", "http://"));
    }
  }

  private static String value(List<String> arguments, String option) {
    return arguments.stream()
        .filter(argument -> argument.startsWith(option))
        .map(argument -> argument.substring(option.length()))
        .findFirst()
        .orElseThrow();
  }

  private static void push(String image) throws IOException, InterruptedException {
    byte[] layer = "layer".getBytes(StandardCharsets.UTF_8);
    byte[] config =
        """
        {"architecture":"amd64","os":"linux","config":{},
        "rootfs":{"type":"layers","diff_ids":["%s"]}}
        """
            .formatted(Digest.of(layer))
            .getBytes(StandardCharsets.UTF_8);
    String manifest =
        """
        {"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json",
        "config":{"mediaType":"application/vnd.docker.container.image.v1+json",
        "size":%d,"digest":"%s"},
        "layers":[{"mediaType":"application/vnd.docker.image.rootfs.diff.tar.gzip",
        "size":%d,"digest":"%s"}]}
        """
            .formatted(config.length, Digest.of(config), layer.length, Digest.of(layer));
    URI own = URI.create(image);
    String path = own.getPath().replaceFirst(":image$", "");
    try (HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      for (byte[] blob : List.of(layer, config)) {
        send(client, "HEAD", own.resolve("/v2" + path + "/blobs/" + Digest.of(blob)), new byte[0]);
        URI begun = own.resolve("/v2" + path + "/blobs/uploads/");
        URI upload = place(send(client, "POST", begun, new byte[0]));
        URI end = place(send(client, "PATCH", upload, blob));
        send(client, "PUT", URI.create(end + "?digest=" + Digest.of(blob)), new byte[0]);
      }
      URI manifests = own.resolve("/v2" + path + "/manifests/image");
      send(client, "PUT", manifests, manifest.getBytes(StandardCharsets.UTF_8));
    }
  }

  private static HttpResponse<Void> send(HttpClient client, String method, URI uri, byte[] body)
      throws IOException, InterruptedException {
    return client.send(
        HttpRequest.newBuilder(uri).method(method, BodyPublishers.ofByteArray(body)).build(),
        BodyHandlers.discarding());
  }

  private static URI place(HttpResponse<Void> answer) {
    return answer.uri().resolve(answer.headers().firstValue("Location").orElseThrow());
  }
}

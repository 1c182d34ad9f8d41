package dev.buildman.agent.training;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.buildman.agent.registry.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** Answers a build as Docker's daemon does, always with the same image. */
final class StandInDaemon implements AutoCloseable {
  private static final int LAYER = 256 << 10;

  private final HttpServer server;
  private final byte[] image;
  private final String id;

  StandInDaemon() throws IOException {
    byte[] noise = new byte[LAYER];
    new Random(1).nextBytes(noise);
    byte[] layer = tar(Map.of("noise", noise));
    byte[] config =
        """
        {"architecture":"amd64","os":"linux","config":{},
        "rootfs":{"type":"layers","diff_ids":["%s"]}}
        """
            .formatted(Digest.of(layer))
            .getBytes(StandardCharsets.UTF_8);
    byte[] manifest =
        "[{\"Config\":\"config.json\",\"Layers\":[\"layer.tar\"]}]"
            .getBytes(StandardCharsets.UTF_8);
    image = tar(Map.of("config.json", config, "layer.tar", layer, "manifest.json", manifest));
    id = Digest.of(config).toString();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  String address() {
    return "tcp://127.0.0.1:" + server.getAddress().getPort();
  }

  private void answer(HttpExchange call) throws IOException {
    try (call) {
      call.getRequestBody().readAllBytes();
      String path = call.getRequestURI().getPath();
      if (path.endsWith("/get")) {
        reply(call, 200, image);
      } else {
        String said = words(path);
        boolean unknown = said.isEmpty() && call.getRequestMethod().equals("GET");
        reply(call, unknown ? 404 : 200, said.getBytes(StandardCharsets.UTF_8));
      }
    }
  }

  private String words(String path) {
    return switch (path.substring(path.lastIndexOf('/') + 1)) {
      case "version" -> "{\"Os\":\"linux\",\"Components\":[{\"Name\":\"Engine\"}]}";
      case "create" ->
          "{\"status\":\"Downloading\",\"id\":\"1\",\"progressDetail\":{\"current\":1,\"total\":2}}";
      case "build" -> "{\"stream\":\"Step 1/7 : FROM scratch\"}{\"aux\":{\"ID\":\"" + id + "\"}}";
      default -> "";
    };
  }

  private static void reply(HttpExchange call, int status, byte[] body) throws IOException {
    call.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    call.getResponseBody().write(body);
  }

  private static byte[] tar(Map<String, byte[]> files) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        TarArchiveEntry entry = new TarArchiveEntry(file.getKey());
        entry.setSize(file.getValue().length);
        tar.putArchiveEntry(entry);
        tar.write(file.getValue());
        tar.closeArchiveEntry();
      }
    }
    return bytes.toByteArray();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}

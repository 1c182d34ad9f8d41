package dev.buildman.agent.testing;

import static dev.buildman.agent.testing.ScriptedServer.reply;

import com.sun.net.httpserver.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** The uploads of a registry that has one fault, once. Takes one blob. */
public final class UploadScript implements ScriptedServer.Script {
  private static final int KEPT = 200_000;

  /** What goes wrong. */
  public enum Fault {
    /** Nothing. */
    NONE(1),
    /** The connection breaks in a body; what came is kept. */
    BREAKS_AND_KEEPS(1),
    /** The same, and the state is told in Quay's way. */
    BREAKS_LIKE_QUAY(1),
    /** The same, and nothing came. */
    BREAKS_EMPTY(2),
    /** The connection breaks, and nobody may ask for the state. */
    BREAKS_WITHOUT_STATE(2),
    /** The connection breaks, and the upload is gone. */
    LOSES_UPLOAD(2),
    /** It fails with 503 after half. */
    UNAVAILABLE(1),
    /** It keeps half and says so. */
    KEEPS_HALF(1),
    /** Something on the way changes a byte. */
    SPOILS_CONTENT(2),
    /** The whole is there and the answer is lost. */
    LAST_ANSWER_LOST(1),
    /** A mount is refused. */
    DENIES_MOUNT(1);

    private final int uploads;

    Fault(int uploads) {
      this.uploads = uploads;
    }

    /** How many uploads are begun until one comes through. */
    public int uploads() {
      return uploads;
    }
  }

  private final byte[] expected;
  private final Fault fault;
  private final ByteArrayOutputStream upload = new ByteArrayOutputStream();
  private byte[] stored = new byte[0];
  private boolean failed;
  private int uploads;

  public UploadScript(byte[] expected, Fault fault) {
    this.expected = expected.clone();
    this.fault = fault;
  }

  /** What is a blob now. */
  public synchronized byte[] stored() {
    return stored.clone();
  }

  /** How often an upload was begun. */
  public synchronized int uploads() {
    return uploads;
  }

  @Override
  public synchronized void answer(HttpExchange exchange) throws IOException {
    switch (exchange.getRequestMethod()) {
      case "HEAD" -> reply(exchange, stored.length > 0 ? 200 : 404, "");
      case "POST" -> begin(exchange);
      case "PATCH" -> piece(exchange);
      case "PUT" -> finish(exchange);
      default -> state(exchange);
    }
  }

  private void begin(HttpExchange exchange) throws IOException {
    String query = exchange.getRequestURI().getQuery();
    if (fault == Fault.DENIES_MOUNT && query != null && query.contains("mount")) {
      reply(exchange, 403, "{\"errors\":[{\"code\":\"DENIED\"}]}");
      return;
    }
    uploads++;
    upload.reset();
    place(exchange);
    reply(exchange, 202, "");
  }

  private void place(HttpExchange exchange) {
    exchange.getResponseHeaders().add("Location", "/v2/a/b/blobs/uploads/" + uploads);
  }

  private void piece(HttpExchange exchange) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Content-Range");
    int from = range == null ? 0 : Integer.parseInt(range.substring(0, range.indexOf('-')));
    if (from != upload.size()) {
      reply(exchange, 416, "");
      return;
    }
    if (!failed && breaks()) {
      failed = true;
      fail(exchange);
      return;
    }
    exchange.getRequestBody().transferTo(upload);
    progress(exchange, 202);
  }

  private boolean breaks() {
    return switch (fault) {
      case NONE, SPOILS_CONTENT, LAST_ANSWER_LOST, DENIES_MOUNT -> false;
      default -> true;
    };
  }

  private void fail(HttpExchange exchange) throws IOException {
    InputStream body = exchange.getRequestBody();
    switch (fault) {
      case KEEPS_HALF -> {
        upload.write(body.readNBytes(expected.length / 2));
        body.readAllBytes();
        progress(exchange, 202);
      }
      case UNAVAILABLE -> {
        upload.write(body.readNBytes(expected.length / 2));
        body.readAllBytes();
        reply(exchange, 503, "");
      }
      case BREAKS_EMPTY -> body.readNBytes(KEPT);
      // The exchange is closed without an answer.
      default -> upload.write(body.readNBytes(KEPT));
    }
  }

  private void state(HttpExchange exchange) throws IOException {
    if (exchange.getRequestURI().getPath().equals("/v2/")) {
      reply(exchange, 200, "{}");
      return;
    }
    switch (fault) {
      case BREAKS_WITHOUT_STATE -> reply(exchange, 405, "");
      case LOSES_UPLOAD -> reply(exchange, 404, "");
      case BREAKS_LIKE_QUAY -> {
        exchange.getResponseHeaders().add("Range", "bytes=0-" + upload.size());
        reply(exchange, 204, "");
      }
      default -> progress(exchange, 204);
    }
  }

  private void progress(HttpExchange exchange, int status) throws IOException {
    place(exchange);
    exchange.getResponseHeaders().add("Range", "0-" + Math.max(0, upload.size() - 1));
    reply(exchange, status, "");
  }

  private void finish(HttpExchange exchange) throws IOException {
    exchange.getRequestBody().transferTo(upload);
    byte[] content = upload.toByteArray();
    if (fault == Fault.SPOILS_CONTENT && !failed) {
      failed = true;
      content[0]++;
    }
    if (!Arrays.equals(content, expected)) {
      reply(exchange, 400, "{\"errors\":[{\"code\":\"DIGEST_INVALID\"}]}");
      return;
    }
    stored = content;
    if (fault == Fault.LAST_ANSWER_LOST && !failed) {
      failed = true;
      return;
    }
    reply(exchange, 201, "");
  }
}

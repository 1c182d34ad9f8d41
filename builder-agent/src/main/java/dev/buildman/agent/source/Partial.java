package dev.buildman.agent.source;

import java.io.IOException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file that comes in parts: what is there after a broken transfer is kept, and only the rest is
 * asked for, if the server's words ensure that it still is the same file.
 */
final class Partial {
  private static final Pattern RANGE = Pattern.compile("bytes (\\d{1,18})-\\d{1,18}/(?:\\d+|\\*)");

  private final Path file;
  private final long limit;
  private final AtomicLong size = new AtomicLong();
  private volatile String validator = "";
  private volatile String contentType = "";

  /**
   * @param limit of the file's size
   */
  Partial(Path file, long limit) {
    this.file = file;
    this.limit = limit;
  }

  /** Bytes that are there; grows while a transfer runs. */
  long size() {
    return size.get();
  }

  /** The file's type as it was served, lower case and without parameters; empty: not said. */
  String contentType() {
    return contentType;
  }

  /** Whether the next request asks for the rest alone. */
  boolean resumes() {
    return size.get() > 0 && !validator.isEmpty();
  }

  /** Begins anew with the next request. */
  void forget() {
    validator = "";
  }

  void ask(HttpRequest.Builder request) {
    if (resumes()) {
      request.header("Range", "bytes=" + size.get() + "-").header("If-Range", validator);
    }
  }

  /** Keeps the body of 200 and 206, and nothing of any other answer. */
  BodyHandler<Boolean> handler() {
    return this::subscriber;
  }

  private BodySubscriber<Boolean> subscriber(ResponseInfo answer) {
    try {
      return switch (answer.statusCode()) {
        case 200 -> whole(answer.headers());
        case 206 -> rest(answer.headers());
        default -> Saving.nothing();
      };
    } catch (IOException e) {
      return Saving.nothing();
    }
  }

  private Saving whole(HttpHeaders headers) throws IOException {
    String tag = headers.firstValue("ETag").orElse("");
    boolean strong = tag.length() > 2 && tag.startsWith("\"") && tag.endsWith("\"");
    validator = strong ? tag : headers.firstValue("Last-Modified").orElse("");
    contentType = Packages.contentType(headers.firstValue("Content-Type").orElse(""));
    size.set(0);
    FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING);
    return Saving.to(channel, size, limit);
  }

  private Saving rest(HttpHeaders headers) throws IOException {
    Matcher range = RANGE.matcher(headers.firstValue("Content-Range").orElse(""));
    if (!resumes() || !range.matches() || Long.parseLong(range.group(1)) != size.get()) {
      // Not what was asked for.
      forget();
      return Saving.nothing();
    }
    FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE);
    channel.position(size.get());
    return Saving.to(channel, size, limit);
  }
}

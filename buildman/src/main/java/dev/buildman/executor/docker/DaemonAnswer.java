package dev.buildman.executor.docker;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.DockerException;
import dev.buildman.executor.Causes;
import dev.buildman.executor.FailureClass;
import dev.buildman.executor.LaunchResult;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.UnknownHostException;
import java.util.List;
import javax.net.ssl.SSLHandshakeException;

/** What a daemon's refusal, or its silence, means. */
final class DaemonAnswer {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  // The words of the system for a socket that nobody listens on, or that this user may not open.
  private static final List<String> NOT_CONNECTED =
      List.of("No such file or directory", "Permission denied", "Connection refused");

  private DaemonAnswer() {}

  /** What a failed request to make a container came to, where the daemon has none of that name. */
  static LaunchResult launch(RuntimeException e, String where) {
    String words = words(e, where);
    if (!(e instanceof DockerException answer)) {
      return sentNothing(e)
          ? new LaunchResult.SurelyNothing(FailureClass.UNREACHABLE, words)
          : new LaunchResult.Unknown(words);
    }
    if (words.contains("no space left on device") || words.contains("disk quota exceeded")) {
      return new LaunchResult.SurelyNothing(FailureClass.NO_CAPACITY, words);
    }
    return switch (answer.getHttpStatus()) {
      case 429 -> new LaunchResult.SurelyNothing(FailureClass.THROTTLED, words);
      case 502, 503, 504 -> new LaunchResult.Unknown(words);
      default -> new LaunchResult.SurelyNothing(FailureClass.REFUSED, words);
    };
  }

  /** Whether there is a container of that name: Docker says it by the status, Podman in words. */
  static boolean isNameTaken(RuntimeException e) {
    return e instanceof ConflictException
        || (e instanceof DockerException answer && message(answer).contains("already in use"));
  }

  /** For people: the daemon's own words where it had some. */
  static String words(Throwable e, String where) {
    if (e instanceof DockerException answer) {
      return Causes.cut(
          "%s answered %d: %s".formatted(where, answer.getHttpStatus(), message(answer)));
    }
    Throwable root = Causes.root(e);
    String trouble =
        root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
    return Causes.cut("%s did not answer: %s%s".formatted(where, trouble, cure(trouble)));
  }

  private static String cure(String trouble) {
    if (trouble.contains("Permission denied")) {
      return " (the manager's user must be allowed to open the socket: its group is often docker)";
    }
    return trouble.contains("No such file") || trouble.contains("refused")
        ? " (does it run, and is DOCKER_HOST right?)"
        : "";
  }

  // The library gives the answer as it came: "Status 409: {"message":"..."}".
  private static String message(DockerException e) {
    String text = e.getMessage() == null ? "" : e.getMessage().strip();
    int json = text.indexOf('{');
    if (json < 0) {
      return text;
    }
    try {
      return JSON.readTree(text.substring(json)).path("message").asText(text);
    } catch (JsonProcessingException notJson) {
      return text;
    }
  }

  private static boolean sentNothing(Throwable e) {
    return Causes.any(
        e,
        t -> {
          String message = t.getMessage();
          return t instanceof ConnectException
              || t instanceof UnknownHostException
              || t instanceof NoRouteToHostException
              || t instanceof SSLHandshakeException
              || (message != null && NOT_CONNECTED.stream().anyMatch(message::contains));
        });
  }
}

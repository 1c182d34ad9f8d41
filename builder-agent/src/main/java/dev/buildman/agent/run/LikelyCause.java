package dev.buildman.agent.run;

import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What programs and registries say when a machine, a network or a right is what is missing. */
enum LikelyCause {
  DISK_FULL(
      "the worker's disk is full",
      "no space left on device|disk quota exceeded|not enough (free )?(disk )?space|ENOSPC"),
  OUT_OF_MEMORY(
      "the worker ran out of memory",
      "out of memory|cannot allocate memory|OutOfMemoryError|oom-?kill|memory cgroup"
          + "|signal: killed|heap limit|virtual memory exhausted"),
  BASE_MISSING(
      "the image does not exist under this name and tag",
      "manifest[ _]unknown|name[ _]unknown|manifest for .* not found"
          + "|repository .* (not found|does not exist)"),
  NETWORK(
      "the network, or a server that the build needs, is not reachable from the worker",
      "could not resolve|temporary failure (in name resolution|resolving)|no such host"
          + "|name or service not known|bad address|network is unreachable|no route to host"
          + "|connection (refused|reset|timed out)|i/o timeout|TLS handshake timeout|ETIMEDOUT"
          + "|ECONNREFUSED|ECONNRESET|EAI_AGAIN|unable to connect|failed to connect"),
  DENIED(
      "the credentials are missing, wrong or not sufficient",
      "unauthorized|authentication required|access to the resource is denied|403 forbidden"
          + "|401 unauthorized|authentication failed|denied: "),
  NOT_PERMITTED(
      "the user of the step may not do this; see USER and the owners of the files",
      "permission denied|operation not permitted|EACCES"),
  NOT_FOUND(
      "the command is not in the image, or not in its PATH",
      "not found$|no such file or directory.*exec|executable file not found");

  /** 128 + SIGKILL: nobody but the kernel kills a step with it. */
  private static final int KILLED = 137;

  /** What a shell says of a command that is not there. */
  private static final int NO_COMMAND = 127;

  private final String sentence;
  private final Pattern said;

  LikelyCause(String sentence, String said) {
    this.sentence = sentence;
    this.said = Pattern.compile(said, Pattern.CASE_INSENSITIVE);
  }

  /**
   * Guesses.
   *
   * @param exitCode of the command that failed; 0: none
   * @param texts the failure's message and the last lines, which say nothing of it as a rule
   */
  static Optional<LikelyCause> of(int exitCode, List<String> texts) {
    for (LikelyCause cause : values()) {
      if (cause == NOT_FOUND && exitCode != NO_COMMAND) {
        continue;
      }
      if (texts.stream().anyMatch(text -> cause.said.matcher(text).find())) {
        return Optional.of(cause);
      }
    }
    return exitCode == KILLED ? Optional.of(OUT_OF_MEMORY) : Optional.empty();
  }

  /** For a person, without its end. */
  String sentence() {
    return sentence;
  }
}

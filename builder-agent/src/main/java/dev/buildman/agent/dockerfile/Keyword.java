package dev.buildman.agent.dockerfile;

import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The instructions of a Dockerfile and the flags each takes. */
enum Keyword {
  ADD("chown chmod link keep-git-dir checksum exclude unpack"),
  ARG,
  CMD,
  COPY("chown chmod link from parents exclude"),
  ENTRYPOINT,
  ENV,
  EXPOSE,
  FROM("platform"),
  HEALTHCHECK("interval timeout start-period start-interval retries"),
  LABEL,
  MAINTAINER,
  ONBUILD,
  RUN("mount network security device"),
  SHELL,
  STOPSIGNAL,
  USER,
  VOLUME,
  WORKDIR;

  private final String flags;

  Keyword() {
    this("");
  }

  Keyword(String flags) {
    this.flags = flags;
  }

  Set<String> flags() {
    return flags.isEmpty() ? Set.of() : Set.of(flags.split(" "));
  }

  static @Nullable Keyword of(String word) {
    String upper = word.toUpperCase(Locale.ROOT);
    return Arrays.stream(values())
        .filter(keyword -> keyword.name().equals(upper))
        .findFirst()
        .orElse(null);
  }

  static Keyword required(String word, int line) throws DockerfileException {
    Keyword keyword = of(word);
    if (keyword != null) {
      return keyword;
    }
    String nearest =
        Nearest.of(word.toUpperCase(Locale.ROOT), Arrays.stream(values()).map(Enum::name).toList());
    throw new DockerfileException(
        line,
        "unknown instruction "
            + word
            + (nearest == null ? "." : "; did you mean " + nearest + "?"));
  }
}

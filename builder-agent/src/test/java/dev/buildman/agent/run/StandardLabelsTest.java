package dev.buildman.agent.run;

import static org.assertj.core.api.Assertions.assertThat;

import dev.buildman.agent.dockerfile.Dockerfile;
import dev.buildman.agent.engine.BuildOptions;
import dev.buildman.agent.engine.CacheRefs;
import dev.buildman.agent.engine.RunInputs;
import dev.buildman.agent.source.FetchedSource;
import dev.buildman.agent.source.SourceLocation;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class StandardLabelsTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05.678Z");
  private static final String COMMIT = "0123456789012345678901234567890123456789";

  private static Map<String, String> labels(
      String url, String dockerfile, Map<String, String> own, @Nullable Instant date)
      throws Exception {
    BuildOptions options =
        new BuildOptions(
            Map.of(), own, null, false, date, List.of(), RunInputs.NONE, CacheRefs.NONE);
    return StandardLabels.on(
            new SourceLocation.Git(url, COMMIT, "", true, new SourceLocation.Login("", "", "")),
            new FetchedSource(Path.of("c"), Path.of("d"), COMMIT),
            Dockerfile.parse(dockerfile),
            options,
            NOW)
        .allLabels();
  }

  @Test
  void namesSourceRevisionAndTimeWithoutCredentials() throws Exception {
    assertThat(
            labels("https://me:canary@h:8443/a/b.git?sig=canary", "FROM x", Map.of("a", "b"), null))
        .containsOnly(
            Map.entry("org.opencontainers.image.source", "https://h:8443/a/b.git"),
            Map.entry("org.opencontainers.image.revision", COMMIT),
            Map.entry("org.opencontainers.image.created", "2026-01-02T03:04:05Z"),
            Map.entry("a", "b"));
  }

  @Test
  void overwritesNothingThatTheAuthorOrTheClientSays() throws Exception {
    String dockerfile =
        "FROM x\nLABEL \"org.opencontainers.image.source\"=mine a=b\n"
            + "LABEL org.opencontainers.image.created=then\n";
    assertThat(
            labels(
                "git@h:a/b.git",
                dockerfile,
                Map.of("org.opencontainers.image.revision", "theirs"),
                null))
        .containsOnly(Map.entry("org.opencontainers.image.revision", "theirs"));
  }

  @Test
  void takesTheSourceDateSoThatTheSameSourceGivesTheSameImage() throws Exception {
    assertThat(labels("git@h:a.git", "FROM x", Map.of(), Instant.ofEpochSecond(0)))
        .containsEntry("org.opencontainers.image.created", "1970-01-01T00:00:00Z")
        .containsEntry("org.opencontainers.image.source", "git@h:a.git");
  }
}

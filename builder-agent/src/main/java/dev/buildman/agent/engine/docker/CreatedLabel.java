package dev.buildman.agent.engine.docker;

import dev.buildman.agent.engine.BuildOptions;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The label that says when an image was made. To a daemon it is a step of the build, so that with
 * the present time nothing ever is as it was: the daemon is given the time of the earlier image. An
 * image that comes out the same then is that one; any other gets its own time here.
 *
 * @param forDaemon what the daemon puts; null: no label
 * @param own what the image is to say; null: no label
 */
record CreatedLabel(@Nullable String forDaemon, @Nullable String own) {

  /**
   * For a build.
   *
   * @param earlier what the image says whose steps may be taken; null: nothing
   */
  static CreatedLabel of(BuildOptions options, @Nullable String earlier) {
    String own = options.createdLabel();
    // A source date is the same in each build of the same source.
    boolean fixed = own == null || options.sourceDate() != null || earlier == null;
    return new CreatedLabel(fixed ? own : earlier, own);
  }

  /** The configuration with the image's own time, in its settings and in its history. */
  byte[] renew(byte[] config) {
    if (forDaemon == null || own == null || forDaemon.equals(own)) {
      return config;
    }
    Pattern said =
        Pattern.compile(
            "("
                + Pattern.quote(BuildOptions.CREATED)
                + "(?:=|\":\\s*\"))"
                + Pattern.quote(forDaemon));
    return said.matcher(new String(config, StandardCharsets.UTF_8))
        .replaceAll("$1" + Matcher.quoteReplacement(own))
        .getBytes(StandardCharsets.UTF_8);
  }
}

package dev.buildman.edge.agent;

import dev.buildman.model.BuildResult;
import dev.buildman.model.Usage;
import dev.buildman.proto.agent.BuildJobArgs;
import dev.buildman.proto.agent.ResourceUsage;
import dev.buildman.proto.agent.SetPhaseRequest;
import dev.buildman.session.AgentHello;
import dev.buildman.session.PhaseReport;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What agents say about themselves and their work, cut down to what may be stored and shown. The
 * agent is not trusted: its words end up in terminals, web pages and log lines.
 */
final class Distrust {
  private static final int NAME = 255;
  private static final int MESSAGE = 4_096;
  private static final int CAPABILITIES = 100;
  private static final int DIGESTS = 100;
  private static final Pattern CAPABILITY = Pattern.compile("[a-z0-9_.:-]{1,64}");
  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
  private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}+");

  private Distrust() {}

  static AgentHello hello(BuildJobArgs args) {
    String version = word(args.getAgentVersion());
    Set<String> capabilities =
        args.getCapabilitiesList().stream()
            .filter(word -> CAPABILITY.matcher(word).matches())
            .limit(CAPABILITIES)
            .collect(Collectors.toUnmodifiableSet());
    // Whoever sends a version is no agent of Quay's, whatever is left of it.
    boolean nameless = version.isEmpty() && !args.getAgentVersion().isEmpty();
    return new AgentHello(nameless ? "unknown" : version, word(args.getHostname()), capabilities);
  }

  static PhaseReport.PullMetadata metadata(SetPhaseRequest.PullMetadata metadata) {
    return new PhaseReport.PullMetadata(
        word(metadata.getRegistryUrl()),
        word(metadata.getBaseImage()),
        word(metadata.getBaseImageTag()),
        word(metadata.getPullUsername()));
  }

  static BuildResult result(dev.buildman.proto.agent.BuildResult result) {
    List<String> digests =
        result.getDigestsList().stream()
            .filter(digest -> DIGEST.matcher(digest).matches())
            .limit(DIGESTS)
            .toList();
    String imageId = DIGEST.matcher(result.getImageId()).matches() ? result.getImageId() : "";
    return new BuildResult(
        imageId,
        digests,
        Math.max(0, result.getSizeBytes()),
        word(result.getResolvedBaseImage()),
        usage(result.getPeak()));
  }

  static Usage usage(ResourceUsage usage) {
    return new Usage(usage.getCpuMillis(), usage.getMemoryBytes(), usage.getDiskBytes());
  }

  /** A message for people: one line, of bounded length. */
  static String message(String text) {
    return cut(CONTROL.matcher(text.strip()).replaceAll(" "), MESSAGE);
  }

  /** A name or the like. */
  static String word(String text) {
    return cut(CONTROL.matcher(text.strip()).replaceAll(""), NAME);
  }

  private static String cut(String text, int length) {
    return text.length() <= length ? text : text.substring(0, length - 1) + "…";
  }
}

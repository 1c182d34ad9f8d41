package dev.buildman.orchestrator.queue;

import dev.buildman.model.AgentKind;
import dev.buildman.model.BuildId;
import dev.buildman.model.BuildResult;
import dev.buildman.model.HistoryEntry;
import dev.buildman.model.Phase;
import dev.buildman.model.Reason;
import dev.buildman.model.RepositoryName;
import dev.buildman.model.Usage;
import dev.buildman.model.Why;
import dev.buildman.orchestrator.Place;
import dev.buildman.orchestrator.SealedSpec;
import dev.buildman.redis.Reply;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Reads the fields of a record as the scripts write them. */
final class BuildRecords {
  /** Between the parts of a line of history; no part can hold it. */
  private static final String SEPARATOR = "\u001f";

  private BuildRecords() {}

  static BuildRecord read(Reply fields) {
    return new BuildRecord(
        new BuildId(fields.text("id")),
        RepositoryName.parse(fields.text("ns") + "/" + fields.text("repo")),
        fields.number("seq"),
        SealedSpec.of(fields.bytes("spec")),
        new BuildRecord.Standing(
            Place.ofWord(fields.text("place")),
            Phase.ofWord(fields.text("phase")),
            fields.text("reason"),
            sentence(fields.text("reason"), fields.text("sentence")),
            fields.integer("fence"),
            namespace(fields)),
        course(fields));
  }

  private static Optional<Why> namespace(Reply fields) {
    return fields
        .optional("ns_reason")
        .map(reason -> new Why(reason, sentence(reason, fields.text("ns_sentence"))));
  }

  private static BuildRecord.Course course(Reply fields) {
    return new BuildRecord.Course(
        new BuildRecord.Counts(
            fields.integer("attempt"),
            fields.integer("session"),
            fields.integer("tries"),
            fields.integer("interruptions"),
            fields.integer("priority")),
        new BuildRecord.Times(
            fields.time("enqueued").orElse(Instant.EPOCH),
            fields.time("started"),
            fields.time("ended")),
        fields.optional("agent").map(AgentKind::ofWord),
        result(fields),
        fields.optional("retry_of").map(BuildId::new),
        fields.text("cancelled_by"));
  }

  private static Optional<BuildResult> result(Reply fields) {
    if (!fields.text("phase").equals(Phase.COMPLETE.word())) {
      return Optional.empty();
    }
    String digests = fields.text("digests");
    return Optional.of(
        new BuildResult(
            fields.text("image_id"),
            digests.isEmpty() ? List.of() : List.of(digests.split(" ", -1)),
            fields.number("size"),
            fields.text("base_image"),
            Usage.ofWord(fields.text("peak"))));
  }

  static HistoryEntry entry(long number, String line) {
    String[] parts = line.split(SEPARATOR, 5);
    return new HistoryEntry(
        number,
        Instant.ofEpochMilli(Long.parseLong(parts[0])),
        parts[1],
        Integer.parseInt(parts[2]),
        parts[3],
        sentence(parts[1], parts[4]));
  }

  /** Scripts write no sentence where the reason's own will do. */
  private static String sentence(String reason, String written) {
    if (!written.isEmpty()) {
      return written;
    }
    return Arrays.stream(Reason.values())
        .filter(known -> known.code().equals(reason))
        .map(Reason::sentence)
        .findFirst()
        .orElse("");
  }
}

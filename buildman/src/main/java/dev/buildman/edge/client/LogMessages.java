package dev.buildman.edge.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.buildman.buildlogs.LogEntry;
import dev.buildman.buildlogs.LogPage;
import dev.buildman.proto.v1.TailLogsResponse;
import java.util.TreeMap;

/** Writes pages of a log as messages. */
final class LogMessages {

  private static final ObjectMapper JSON = new ObjectMapper();

  private LogMessages() {}

  static TailLogsResponse page(LogPage page) {
    // The mark of a cut stands at the last index that was cut out, so that indexes go on without a
    // gap.
    long index = page.cut() == 0 ? page.first() : page.first() - 1;
    TailLogsResponse.Builder response = TailLogsResponse.newBuilder().setIndex(index);
    for (LogEntry entry : page.shown()) {
      response
          .addEntriesBuilder()
          .setMessage(entry.message())
          .setType(entry.type().word())
          .setData(data(entry));
    }
    return response.build();
  }

  private static String data(LogEntry entry) {
    if (entry.data().isEmpty()) {
      return "";
    }
    try {
      return JSON.writeValueAsString(new TreeMap<>(entry.data()));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("texts are always valid JSON", e);
    }
  }
}

package dev.buildman.session;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.Map;

/** What an agent says of its base image, as it is kept in the job. */
final class MetadataJson {
  private static final ObjectMapper JSON = new ObjectMapper();

  private MetadataJson() {}

  static String write(Map<String, String> data) {
    try {
      return JSON.writeValueAsString(data);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a map of texts is always JSON", e);
    }
  }
}

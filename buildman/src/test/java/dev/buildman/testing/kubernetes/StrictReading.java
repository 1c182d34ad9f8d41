package dev.buildman.testing.kubernetes;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.introspect.Annotated;
import com.fasterxml.jackson.databind.introspect.JacksonAnnotationIntrospector;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Map;

/**
 * Reads manifests into the typed model and takes no field that it does not know: the model by
 * itself keeps such fields aside, and a cluster drops them.
 */
public final class StrictReading {
  private static final ObjectMapper STRICT =
      new ObjectMapper()
          .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .setAnnotationIntrospector(
              new JacksonAnnotationIntrospector() {
                private static final long serialVersionUID = 1;

                @Override
                public Boolean hasAnySetter(Annotated annotated) {
                  return false;
                }
              });

  private StrictReading() {}

  /**
   * Reads one document of YAML.
   *
   * @throws IllegalArgumentException that names a field that the type does not have
   */
  public static <T> T read(String yaml, Class<T> type) {
    return STRICT.convertValue(Serialization.unmarshal(yaml, Map.class), type);
  }
}

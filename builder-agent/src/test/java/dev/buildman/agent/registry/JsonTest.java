package dev.buildman.agent.registry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.fasterxml.jackson.databind.node.JsonNodeType;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class JsonTest {
  private static String again(String text) throws IOException {
    return new String(Json.write(Json.read(text.getBytes(UTF_8))), UTF_8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"a\":[1,-2,{\"b\":null}],\"c\":{},\"d\":[]}",
        "{\"int\":2147483647,\"long\":9007199254740993,\"big\":123456789012345678901234567890}",
        "{\"small\":0.10,\"exact\":3.141592653589793238462643383279}",
        "{\"yes\":true,\"no\":false,\"text\":\"\u00e4 \\\"q\\\" \\n \\\\\"}",
        "\"alone\"",
      })
  void whatIsReadIsWrittenAsItWas(String text) throws IOException {
    assertThat(again(text)).isEqualTo(text);
  }

  @Test
  void ofEqualMembersTheLastCounts() throws IOException {
    assertThat(again("{\"a\":1,\"a\":2}")).isEqualTo("{\"a\":2}");
  }

  @Test
  void nothingIsAMissingNodeAndNoObject() throws IOException {
    assertThat(Json.read(new byte[0]).getNodeType()).isEqualTo(JsonNodeType.MISSING);
    assertThat(Json.object(new byte[0])).isEmpty();
    assertThat(Json.object("[1]".getBytes(UTF_8))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"{", "{\"a\":}", "[1,", "<html>", "{\"a\" 1}"})
  void whatIsNoJsonFails(String text) {
    assertThatIOException().isThrownBy(() -> Json.read(text.getBytes(UTF_8)));
  }

  @Test
  void nestingHasAnEnd() {
    String deep = "[".repeat(100_000) + "]".repeat(100_000);

    assertThatIOException().isThrownBy(() -> Json.read(deep.getBytes(UTF_8)));
  }
}

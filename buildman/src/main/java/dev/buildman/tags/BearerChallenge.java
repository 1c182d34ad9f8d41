package dev.buildman.tags;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a registry wants a token to be fetched.
 *
 * @param service empty: not named
 */
record BearerChallenge(String realm, String service) {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Pattern PARAMETER = Pattern.compile("([a-z_]+)=\"([^\"]*)\"");

  static BearerChallenge parse(String header) throws IOException {
    Map<String, String> parameters = new HashMap<>();
    Matcher matcher = PARAMETER.matcher(header);
    while (matcher.find()) {
      parameters.put(matcher.group(1).toLowerCase(Locale.ROOT), matcher.group(2));
    }
    String realm = parameters.getOrDefault("realm", "");
    if (!realm.startsWith("https://") && !realm.startsWith("http://")) {
      throw new IOException("it names no place to get a token from");
    }
    return new BearerChallenge(realm, parameters.getOrDefault("service", ""));
  }

  URI uri(String scope) throws IOException {
    String query =
        (service.isEmpty() ? "" : "service=" + encoded(service) + "&") + "scope=" + encoded(scope);
    try {
      return URI.create(realm + (realm.contains("?") ? "&" : "?") + query);
    } catch (IllegalArgumentException e) {
      throw new IOException("it names a place that is no URL", e);
    }
  }

  /** Out of the answer. */
  static String token(String body) throws IOException {
    try {
      JsonNode json = JSON.readTree(body);
      String token = json.path("token").asText(json.path("access_token").asText(""));
      if (token.isEmpty() || token.chars().anyMatch(c -> c <= ' ' || c >= 0x7f)) {
        throw new IOException("its token service gave no token");
      }
      return token;
    } catch (JsonProcessingException e) {
      // Without its cause: the text may hold a token.
      throw new IOException("its token service gave no JSON");
    }
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}

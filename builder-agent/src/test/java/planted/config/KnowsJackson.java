package planted.config;

final class KnowsJackson {
  com.fasterxml.jackson.databind.JsonNode planted;
}

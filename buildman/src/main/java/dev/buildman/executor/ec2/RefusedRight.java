package dev.buildman.executor.ec2;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.model.DecodeAuthorizationMessageRequest;

/**
 * Says which right is missing. The provider hides it in a message that only those may read who have
 * another right; without that, its own words have to do.
 */
final class RefusedRight {
  private static final Logger log = LoggerFactory.getLogger(RefusedRight.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final Pattern ENCODED =
      Pattern.compile("Encoded authorization failure message:\\s*(\\S+)");

  private static final Pattern ACTION =
      Pattern.compile("is not authorized to perform: ([a-z0-9-]+:[A-Za-z]+)");

  private final StsClient sts;

  RefusedRight(StsClient sts) {
    this.sts = sts;
  }

  /** For people. */
  String words(SdkException refused, String where) {
    String words = Ec2Answer.words(refused, where);
    return right(refused).map(right -> right + " (" + words + ")").orElse(words);
  }

  /** The action that is missing; empty where the provider does not say. */
  Optional<String> action(SdkException refused) {
    Matcher named = ACTION.matcher(String.valueOf(refused.getMessage()));
    return named.find()
        ? Optional.of(named.group(1))
        : decoded(refused)
            .map(decoded -> decoded.path("context").path("action").asText(""))
            .filter(action -> !action.isEmpty());
  }

  /** Who lacks the right to what; empty where the provider does not say. */
  private Optional<String> right(SdkException refused) {
    return decoded(refused).map(RefusedRight::sentence);
  }

  private Optional<JsonNode> decoded(SdkException refused) {
    if (!(refused instanceof AwsServiceException answer) || answer.awsErrorDetails() == null) {
      return Optional.empty();
    }
    Matcher encoded = ENCODED.matcher(String.valueOf(answer.awsErrorDetails().errorMessage()));
    if (!encoded.find()) {
      return Optional.empty();
    }
    try {
      String decoded =
          sts.decodeAuthorizationMessage(
                  DecodeAuthorizationMessageRequest.builder()
                      .encodedMessage(encoded.group(1))
                      .build())
              .decodedMessage();
      return Optional.of(JSON.readTree(decoded));
    } catch (SdkException | JsonProcessingException e) {
      log.debug("refused right not decoded: cause={}", e.toString());
      return Optional.empty();
    }
  }

  private static String sentence(JsonNode decoded) {
    JsonNode context = decoded.path("context");
    String why = decoded.path("explicitDeny").asBoolean() ? "is denied" : "has no right to";
    return "%s %s %s on %s"
        .formatted(
            context.path("principal").path("arn").asText("the manager's account"),
            why,
            context.path("action").asText("this"),
            context.path("resource").asText("it"));
  }
}

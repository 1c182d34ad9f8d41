package dev.buildman.agent.link;

import dev.buildman.proto.agent.CachedTag;
import dev.buildman.proto.agent.CachedTagRequest;
import io.grpc.StatusRuntimeException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks which tag of the target repository is worth pulling as a cache. The answer is a help only:
 * without one there is none.
 */
public final class CacheQuestion {
  private static final Logger log = LoggerFactory.getLogger(CacheQuestion.class);

  private final Calls calls;
  private final String token;

  CacheQuestion(Calls calls, SessionToken session) {
    this.calls = calls;
    this.token = session.token();
  }

  /**
   * Asks once and waits for some seconds.
   *
   * @param base the base image's name without its tag; empty for a build from scratch
   * @param tag of the base image; empty when it was named by digest
   * @param imageId of the base image, {@code sha256:<hex>}; empty for a build from scratch
   * @return a tag, or empty when the manager knows none or does not answer
   */
  public Optional<String> tag(String base, String tag, String imageId) throws InterruptedException {
    CachedTagRequest request =
        CachedTagRequest.newBuilder()
            .setJobJwt(token)
            .setBaseImageName(base)
            .setBaseImageTag(tag)
            .setBaseImageId(imageId)
            .build();
    try {
      CachedTag answer = calls.once(stub -> stub.determineCachedTag(request));
      return Optional.of(answer.getCachedTag()).filter(name -> !name.isEmpty());
    } catch (StatusRuntimeException e) {
      log.info("no tag for a cache: failure={}", Verdicts.text(e.getStatus()));
      return Optional.empty();
    }
  }
}

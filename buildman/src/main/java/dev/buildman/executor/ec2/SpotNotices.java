package dev.buildman.executor.ec2;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.ec2.model.DescribeSpotInstanceRequestsRequest;
import software.amazon.awssdk.services.ec2.model.Filter;
import software.amazon.awssdk.services.ec2.model.SpotInstanceRequest;

/**
 * Hears of spot instances that are about to be taken back, two minutes before (E10). Their own
 * metadata tell them too, which their machines keep from all that runs there.
 */
final class SpotNotices {
  private static final Logger log = LoggerFactory.getLogger(SpotNotices.class);
  private static final String MARKED = "marked-for-";

  private final Account account;
  private final InstanceTags tags;
  private boolean silent;

  SpotNotices(Account account, InstanceTags tags) {
    this.account = account;
    this.tags = tags;
  }

  /** The provider's words, by the instance that they are about; asks only while there is one. */
  Map<String, String> of(Fleet.Sight sight) {
    boolean any = sight.byId().values().stream().anyMatch(i -> i.spot() && i.isAlive());
    if (!any) {
      return Map.of();
    }
    Map<String, String> notices = new HashMap<>();
    try {
      account
          .looks()
          .describeSpotInstanceRequestsPaginator(request())
          .spotInstanceRequests()
          .forEach(request -> read(request, notices));
      silent = false;
    } catch (SdkException e) {
      // The end is seen without it, two minutes later.
      if (!silent) {
        silent = true;
        log.warn("no notices of spot instances: {}", Ec2Answer.words(e, account.where()));
      }
    }
    return notices;
  }

  private DescribeSpotInstanceRequestsRequest request() {
    List<Filter> filters = new ArrayList<>(tags.owner());
    filters.add(Filter.builder().name("state").values("active").build());
    return DescribeSpotInstanceRequestsRequest.builder().filters(filters).build();
  }

  private static void read(SpotInstanceRequest request, Map<String, String> notices) {
    if (request.instanceId() != null
        && request.status() != null
        && String.valueOf(request.status().code()).startsWith(MARKED)) {
      notices.put(
          request.instanceId(),
          "The provider takes the spot instance back within two minutes. "
              + request.status().message());
    }
  }
}

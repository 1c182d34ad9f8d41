package dev.buildman.testing.ec2;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.regex.Pattern;

/** The calls that are about instances. */
final class Instances {
  private static final Pattern ID = Pattern.compile("i-[0-9a-f]{8}|i-[0-9a-f]{17}");

  private final Account account;
  private final Launching launching;
  private final Map<String, String[]> announced = new ConcurrentHashMap<>();
  volatile Function<String, String> console = _ -> "";
  volatile int page = 1000;

  Instances(Account account, Launching launching) {
    this.account = account;
    this.launching = launching;
  }

  void announce(String instance, String code, String description) {
    announced.put(instance, new String[] {code, description});
  }

  Consumer<Xml> run(Query request) {
    Instance made = launching.run(request);
    return xml -> reservation(xml, made);
  }

  Consumer<Xml> describe(Query request) {
    List<String> ids = request.list("InstanceId");
    if (!ids.isEmpty() && request.has("MaxResults")) {
      throw Ec2Error.combination(
              "The parameter instancesSet cannot be used with the parameter maxResults")
          .asRefusal();
    }
    int most = request.has("MaxResults") ? Integer.parseInt(request.get("MaxResults")) : 1000;
    if (most < 5 || most > 1000) {
      throw Ec2Error.invalid(
              "Value ( %d ) for parameter maxResults is invalid. Expecting a value between 5 and 1000."
                  .formatted(most))
          .asRefusal();
    }
    synchronized (account) {
      List<Instance> found = Filters.of(request, ids.isEmpty() ? account.visible() : known(ids));
      int from = request.has("NextToken") ? position(request.get("NextToken")) : 0;
      int to = Math.min(found.size(), from + Math.min(most, page));
      List<Instance> shown = found.subList(Math.min(from, to), to);
      Xml xml = new Xml();
      xml.items("reservationSet", shown, Instances::reservation);
      if (to < found.size()) {
        xml.put("nextToken", "page-" + to);
      }
      return all -> all.raw(xml);
    }
  }

  private static int position(String token) {
    if (!token.startsWith("page-")) {
      throw Ec2Error.invalid("The token '" + token + "' is invalid").asRefusal();
    }
    return Integer.parseInt(token.substring("page-".length()));
  }

  /** All of these, or none (E5). */
  private List<Instance> known(List<String> ids) {
    List<Instance> found = new ArrayList<>();
    List<String> unknown = new ArrayList<>();
    for (String id : ids) {
      if (!ID.matcher(id).matches()) {
        throw new Ec2Error(400, "InvalidInstanceID.Malformed", "Invalid id: \"" + id + "\"")
            .asRefusal();
      }
      Optional<Instance> one = account.of(id).filter(i -> i.listed && !i.hidden);
      one.ifPresentOrElse(found::add, () -> unknown.add(id));
    }
    if (!unknown.isEmpty()) {
      boolean one = unknown.size() == 1;
      throw Ec2Error.notFound(
              "InvalidInstanceID.NotFound",
              "The instance ID%s '%s' do%s not exist"
                  .formatted(one ? "" : "s", String.join(", ", unknown), one ? "es" : ""))
          .asRefusal();
    }
    return found;
  }

  Consumer<Xml> terminate(Query request, Permissions permissions) {
    permissions.demand("ec2:TerminateInstances");
    synchronized (account) {
      List<Instance> found = known(request.list("InstanceId"));
      dryRun(request);
      Xml xml = new Xml();
      xml.items(
          "instancesSet",
          found,
          (item, instance) -> {
            item.put("instanceId", instance.id);
            Instance.State before = instance.state;
            account.end(instance, Account.BY_USER);
            state(item, "currentState", instance.state);
            state(item, "previousState", before);
          });
      return all -> all.raw(xml);
    }
  }

  static void dryRun(Query request) {
    if (request.is("DryRun")) {
      throw new Ec2Error(
              412, "DryRunOperation", "Request would have succeeded, but DryRun flag is set.")
          .asRefusal();
    }
  }

  Consumer<Xml> createTags(Query request, Permissions permissions) {
    permissions.demand("ec2:CreateTags");
    Map<String, String> tags = request.tags();
    Launching.checked(tags);
    synchronized (account) {
      List<Instance> found = known(request.list("ResourceId"));
      dryRun(request);
      found.forEach(instance -> instance.tags.putAll(tags));
    }
    return xml -> xml.put("return", "true");
  }

  Consumer<Xml> consoleOutput(Query request) {
    Instance instance;
    synchronized (account) {
      instance = known(List.of(request.get("InstanceId"))).getFirst();
    }
    if (request.is("Latest") && !account.region.types.get(instance.pool.type()).nitro()) {
      throw new Ec2Error(
              400,
              "UnsupportedOperation",
              "This instance type does not support retrieving the latest console logs.")
          .asRefusal();
    }
    byte[] said = console.apply(instance.id).getBytes(StandardCharsets.UTF_8);
    return xml -> {
      xml.put("instanceId", instance.id).put("timestamp", now());
      xml.put("output", Base64.getMimeEncoder().encodeToString(said));
    };
  }

  Consumer<Xml> status(Query request) {
    List<Instance> found;
    synchronized (account) {
      List<String> ids = request.list("InstanceId");
      found = ids.isEmpty() ? account.visible() : known(ids);
    }
    List<Instance> shown =
        request.is("IncludeAllInstances")
            ? found
            : found.stream().filter(i -> i.state == Instance.State.RUNNING).toList();
    return xml ->
        xml.items(
            "instanceStatusSet",
            shown,
            (item, instance) -> {
              item.put("instanceId", instance.id).put("availabilityZone", instance.pool.zone());
              String[] event = announced.get(instance.id);
              item.items(
                  "eventsSet",
                  event == null ? List.<String[]>of() : List.<String[]>of(event),
                  (e, one) -> e.put("code", one[0]).put("description", one[1]));
              state(item, "instanceState", instance.state);
              item.in("systemStatus", status -> status.put("status", "ok"));
              item.in("instanceStatus", status -> status.put("status", "ok"));
            });
  }

  Consumer<Xml> spotRequests(Query request) {
    List<String> ids = request.list("SpotInstanceRequestId");
    List<Instance> found;
    synchronized (account) {
      found =
          account.all().stream()
              .filter(i -> i.pool.spot() && (ids.isEmpty() || ids.contains(i.spotRequest)))
              .toList();
    }
    if (found.size() < ids.size()) {
      throw Ec2Error.notFound(
              "InvalidSpotInstanceRequestID.NotFound",
              "The spot instance request ID '" + ids.getFirst() + "' does not exist")
          .asRefusal();
    }
    return xml ->
        xml.items(
            "spotInstanceRequestSet",
            Filters.ofRequests(request, found),
            (item, instance) -> {
              item.put("spotInstanceRequestId", instance.spotRequest).put("type", "one-time");
              item.put("state", instance.spotState);
              item.in(
                  "status",
                  status ->
                      status
                          .put("code", instance.spotCode)
                          .put("updateTime", now())
                          .put("message", instance.spotMessage));
              item.put("instanceId", instance.id).put("createTime", time(instance.launched));
              item.put("productDescription", "Linux/UNIX");
              item.put("launchedAvailabilityZone", instance.pool.zone());
              item.tags(instance.spotTags);
            });
  }

  private static void reservation(Xml xml, Instance instance) {
    xml.put("reservationId", instance.reservation).put("ownerId", Region.ACCOUNT);
    xml.in("groupSet", _ -> {});
    xml.items("instancesSet", List.of(instance), Instances::instance);
  }

  private static void instance(Xml item, Instance instance) {
    Query launch = instance.launch;
    boolean lives = instance.isLive();
    item.put("instanceId", instance.id).put("imageId", launch.get("ImageId"));
    state(item, "instanceState", instance.state);
    item.put("privateDnsName", lives ? "ip-10-0-0-1.ec2.internal" : "").put("dnsName", "");
    item.put("reason", instance.transition);
    if (launch.has("KeyName")) {
      item.put("keyName", launch.get("KeyName"));
    }
    item.put("amiLaunchIndex", 0).in("productCodes", _ -> {});
    item.put("instanceType", instance.pool.type()).put("launchTime", time(instance.launched));
    item.in(
        "placement",
        placement ->
            placement
                .put("availabilityZone", instance.pool.zone())
                .put("groupName", "")
                .put("tenancy", "default"));
    item.in("monitoring", monitoring -> monitoring.put("state", "disabled"));
    if (lives) {
      item.put("subnetId", instance.pool.subnet()).put("vpcId", "vpc-00000001");
      item.put("privateIpAddress", "10.0.0.1");
    }
    if (instance.state != Instance.State.RUNNING) {
      item.in(
          "stateReason",
          reason -> reason.put("code", instance.reason).put("message", instance.reasonMessage));
    }
    item.put("architecture", "x86_64").put("rootDeviceType", "ebs");
    item.put("rootDeviceName", "/dev/xvda").in("blockDeviceMapping", _ -> {});
    item.put("virtualizationType", "hvm");
    if (launch.has("ClientToken")) {
      item.put("clientToken", launch.get("ClientToken"));
    }
    item.tags(instance.tags).put("hypervisor", "xen");
    if (instance.pool.spot()) {
      item.put("instanceLifecycle", "spot").put("spotInstanceRequestId", instance.spotRequest);
    }
    item.in(
        "metadataOptions",
        options ->
            options
                .put("state", lives ? "applied" : "pending")
                .put("httpTokens", launch.get("MetadataOptions.HttpTokens", "optional"))
                .put(
                    "httpPutResponseHopLimit",
                    launch.get("MetadataOptions.HttpPutResponseHopLimit", "1"))
                .put("httpEndpoint", launch.get("MetadataOptions.HttpEndpoint", "enabled")));
  }

  private static void state(Xml xml, String name, Instance.State state) {
    xml.in(name, s -> s.put("code", state.code).put("name", state.word));
  }

  private static String now() {
    return time(Instant.now());
  }

  private static String time(Instant instant) {
    return instant.truncatedTo(ChronoUnit.MILLIS).toString();
  }
}

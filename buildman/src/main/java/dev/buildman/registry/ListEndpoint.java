package dev.buildman.registry;

import dev.buildman.registry.RegistryFault.Code;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Lists tags and repositories, in pages when the client asks for them. */
final class ListEndpoint {

  private final ManifestStore manifests;

  ListEndpoint(ManifestStore manifests) {
    this.manifests = manifests;
  }

  void tags(Call call, Route.Tags route) throws IOException {
    onlyGet(call);
    if (!manifests.known(route.name())) {
      throw new RegistryFault(Code.NAME_UNKNOWN, "nothing was ever pushed to this repository");
    }
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("name", route.name());
    answer.put(
        "tags", page(call, "/v2/" + route.name() + "/tags/list", manifests.tags(route.name())));
    call.json(200, answer);
  }

  void catalog(Call call) throws IOException {
    onlyGet(call);
    call.json(200, Map.of("repositories", page(call, "/v2/_catalog", manifests.repositories())));
  }

  private static List<String> page(Call call, String path, List<String> all) {
    String last = call.query("last").orElse("");
    List<String> rest = all.stream().filter(entry -> entry.compareTo(last) > 0).toList();
    int wanted = call.query("n").map(ListEndpoint::number).orElse(rest.size());
    List<String> page = rest.subList(0, Math.min(wanted, rest.size()));
    if (page.size() < rest.size() && !page.isEmpty()) {
      String next = URLEncoder.encode(page.getLast(), StandardCharsets.UTF_8);
      call.with("Link", "<%s?n=%d&last=%s>; rel=\"next\"".formatted(path, wanted, next));
    }
    return page;
  }

  private static void onlyGet(Call call) {
    if (!call.method().equals("GET") && !call.isHead()) {
      throw new RegistryFault(Code.UNSUPPORTED, "lists know GET");
    }
  }

  private static int number(String text) {
    if (!text.matches("\\d{1,9}")) {
      throw new RegistryFault(Code.NAME_INVALID, "n is a number of entries");
    }
    return Integer.parseInt(text);
  }
}

package dev.buildman.executor.ec2;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.SdkHttpMethod;
import software.amazon.awssdk.http.SdkHttpRequest;

/** Metadata of a stream of Fedora CoreOS: which image is its newest, where. */
final class ImageStream {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  // It has some hundred kilobytes.
  private static final int LARGEST = 16 << 20;

  private final URI uri;
  private final JsonNode document;

  private ImageStream(URI uri, JsonNode document) {
    this.uri = uri;
    this.document = document;
  }

  /**
   * Fetches it.
   *
   * @throws IOException with a sentence for a person
   */
  static ImageStream fetch(SdkHttpClient http, URI uri) throws IOException {
    SdkHttpRequest get = SdkHttpRequest.builder().method(SdkHttpMethod.GET).uri(uri).build();
    try {
      HttpExecuteResponse response =
          http.prepareRequest(HttpExecuteRequest.builder().request(get).build()).call();
      try (AbortableInputStream body =
          response.responseBody().orElseGet(() -> AbortableInputStream.create(empty()))) {
        int status = response.httpResponse().statusCode();
        byte[] bytes = body.readNBytes(LARGEST);
        if (status != 200) {
          String cure = status == 404 ? "; check COREOS_CHANNEL" : "";
          throw new IOException("%s answered %d%s".formatted(uri, status, cure));
        }
        return new ImageStream(uri, JSON.readTree(bytes));
      }
    } catch (IOException e) {
      String trouble = String.valueOf(e.getMessage());
      throw trouble.startsWith(uri.toString())
          ? e
          : new IOException("%s did not answer: %s".formatted(uri, trouble), e);
    }
  }

  private static InputStream empty() {
    return InputStream.nullInputStream();
  }

  /**
   * The newest image.
   *
   * @param architecture as EC2 spells it
   * @throws IOException with a sentence for a person, when there is none
   */
  String image(String architecture, String region) throws IOException {
    String arch = architecture.equals("arm64") ? "aarch64" : architecture;
    JsonNode regions = document.path("architectures").path(arch).path("images").path("aws");
    String image = regions.path("regions").path(region).path("image").asText();
    if (image.isEmpty()) {
      throw new IOException(
          "%s has no image for %s in %s; give one by COREOS_AMI".formatted(uri, arch, region));
    }
    return image;
  }
}

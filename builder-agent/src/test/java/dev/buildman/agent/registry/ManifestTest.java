package dev.buildman.agent.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ManifestTest {
  private static final String A = "sha256:" + "a".repeat(64);
  private static final String B = "sha256:" + "b".repeat(64);
  private static final String PART = "{'mediaType':'t','digest':'%s','size':%d%s}";
  private static final String IMAGE =
      "{'schemaVersion':2,'config':"
          + PART.formatted(A, 2, "")
          + ",'layers':["
          + PART.formatted(B, 3, "")
          + "]}";

  private static Manifest parse(String type, String json) throws RegistryException {
    return Manifest.parse(type, json.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void anImageHasAConfigLayersAndTheDigestOfItsBytes() throws Exception {
    Manifest manifest = parse(MediaTypes.OCI_MANIFEST, IMAGE);

    assertThat(manifest.isIndex()).isFalse();
    assertThat(manifest.config()).isEqualTo(new Descriptor("t", Digest.parse(A), 2));
    assertThat(manifest.layers()).containsExactly(new Descriptor("t", Digest.parse(B), 3));
    assertThat(manifest.digest()).isEqualTo(Digest.of(manifest.bytes()));
  }

  @Test
  void anIndexGivesTheImageOfThePlatform() throws Exception {
    String entry = "{'mediaType':'" + MediaTypes.OCI_MANIFEST + "','digest':'%s','size':3,%s}";
    Manifest index =
        parse(
            MediaTypes.OCI_INDEX,
            "{'manifests':["
                + entry.formatted(A, "'platform':{'os':'linux','architecture':'arm64'}")
                + ","
                + entry.formatted(B, "'platform':{'os':'linux','architecture':'amd64'}")
                + "]}");

    assertThat(index.imageFor(Platform.parse("linux/amd64")))
        .hasValueSatisfying(image -> assertThat(image.digest()).hasToString(B));
    assertThat(index.imageFor(Platform.parse("linux/s390x"))).isEmpty();
  }

  /** CVE-2021-41190: one document, two readings. */
  @Test
  void aDocumentThatIsBothImageAndIndexIsRefused() {
    assertThatThrownBy(
            () ->
                parse(
                    MediaTypes.OCI_MANIFEST,
                    IMAGE.replace("'schemaVersion'", "'manifests':[],'schemaVersion'")))
        .hasMessageContaining("both");
    assertThatThrownBy(
            () ->
                parse(
                    MediaTypes.OCI_INDEX,
                    IMAGE.replace(
                        "{'schema", "{'mediaType':'" + MediaTypes.OCI_MANIFEST + "','schema")))
        .hasMessageContaining("was served as");
  }

  @Test
  void anOldSchemaIsNamedAndNonsenseIsRefused() {
    assertThatThrownBy(
            () -> parse("application/vnd.docker.distribution.manifest.v1+prettyjws", "{}"))
        .hasMessageContaining("v1+prettyjws");
    assertThatThrownBy(() -> parse(MediaTypes.OCI_MANIFEST, "<html>")).hasMessageContaining("JSON");
    assertThatThrownBy(() -> parse(MediaTypes.OCI_MANIFEST, "{'layers':[]}"))
        .hasMessageContaining("digest");
    assertThatThrownBy(() -> parse(MediaTypes.OCI_MANIFEST, IMAGE.replace(":3", ":-3")))
        .hasMessageContaining("below zero");
  }
}

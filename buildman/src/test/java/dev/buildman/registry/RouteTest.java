package dev.buildman.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.buildman.registry.RegistryFault.Code;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class RouteTest {

  private static final String DIGEST = "sha256:" + "a".repeat(64);

  @Test
  void eachPathOfTheSpecificationHasItsRoute() {
    String upload = "11111111-2222-3333-4444-555555555555";
    assertThat(Route.of("/v2/")).isEqualTo(new Route.Base());
    assertThat(Route.of("/v2/_catalog")).isEqualTo(new Route.Catalog());
    assertThat(Route.of("/v2/a/b/tags/list")).isEqualTo(new Route.Tags("a/b"));
    assertThat(Route.of("/v2/a/manifests/v1.0")).isEqualTo(new Route.Manifest("a", "v1.0"));
    assertThat(Route.of("/v2/a/manifests/" + DIGEST)).isEqualTo(new Route.Manifest("a", DIGEST));
    assertThat(Route.of("/v2/a/blobs/" + DIGEST))
        .isEqualTo(new Route.Blob("a", Digest.parse(DIGEST)));
    assertThat(Route.of("/v2/a/blobs/uploads/")).isEqualTo(new Route.Uploads("a"));
    assertThat(Route.of("/v2/a/blobs/uploads/" + upload)).isEqualTo(new Route.Upload("a", upload));
  }

  @Test
  void aRepositoryMayBeNamedAfterAPartOfTheApi() {
    assertThat(Route.of("/v2/blobs/uploads/tags/list")).isEqualTo(new Route.Tags("blobs/uploads"));
    assertThat(Route.of("/v2/tags/list/manifests/x"))
        .isEqualTo(new Route.Manifest("tags/list", "x"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v2/../../etc/passwd/tags/list",
        "/v2/a/../b/tags/list",
        "/v2/.hidden/tags/list",
        "/v2/_blobs/tags/list",
        "/v2/Upper/tags/list",
        "/v2/a//b/tags/list",
        "/v2/a/manifests/..",
        "/v2/a/manifests/sha256:../x",
        "/v2/a/blobs/uploads/..",
        "/v2/a/blobs/md5:00",
        "/etc/passwd"
      })
  void noPathLeavesTheFolder(String path) {
    assertThatThrownBy(() -> Route.of(path)).isInstanceOf(RegistryFault.class);
  }

  @ParameterizedTest
  @CsvSource({
    "bytes=0-3,10,0,3",
    "bytes=4-,10,4,9",
    "bytes=-3,10,7,9",
    "bytes=-30,10,0,9",
    "bytes=8-100,10,8,9"
  })
  void aRangeIsCutToTheContent(String header, long size, long first, long last) {
    assertThat(ByteRange.requested(header, size)).contains(new ByteRange(first, last));
  }

  @Test
  void aRangeOutsideTheContentIsRefusedAndOneOfAnotherFormIgnored() {
    assertThatThrownBy(() -> ByteRange.requested("bytes=10-12", 10))
        .isInstanceOfSatisfying(
            RegistryFault.class, fault -> assertThat(fault.code).isEqualTo(Code.RANGE_INVALID));
    assertThat(ByteRange.requested("bytes=0-1,3-4", 10)).isEqualTo(Optional.empty());
    assertThat(ByteRange.requested("lines=0-1", 10)).isEqualTo(Optional.empty());
  }
}

package dev.buildman.seal;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;

class SealerTest {

  private static final byte[] OLD = "an old secret of the installation".getBytes(UTF_8);
  private static final byte[] NEW = "a new secret of the installation".getBytes(UTF_8);
  private static final byte[] PLAIN = "canary-password".getBytes(UTF_8);
  private static final String BUILD = "11111111-2222-3333-4444-555555555555";

  @Test
  void opens_what_it_sealed() {
    Sealer sealer = Sealer.of(List.of(NEW));
    byte[] sealed = sealer.seal(BUILD, "push.password", PLAIN);
    assertThat(sealer.open(BUILD, "push.password", sealed)).hasValue(PLAIN);
  }

  @Test
  void keeps_opening_what_an_earlier_release_sealed() {
    // Sealed once with the code of the first release: the derivation and the layout are a stored
    // format.
    byte[] sealed = HexFormat.of().parseHex(SEALED_BY_FIRST_RELEASE);
    assertThat(Sealer.of(List.of(OLD)).open(BUILD, "push.password", sealed)).hasValue(PLAIN);
  }

  @Test
  void seals_the_same_value_differently_each_time() {
    Sealer sealer = Sealer.of(List.of(NEW));
    assertThat(sealer.seal(BUILD, "f", PLAIN)).isNotEqualTo(sealer.seal(BUILD, "f", PLAIN));
  }

  @Test
  void does_not_open_in_another_build_or_field() {
    Sealer sealer = Sealer.of(List.of(NEW));
    byte[] sealed = sealer.seal(BUILD, "git.token", PLAIN);
    assertThat(sealer.open(BUILD.replace('1', '9'), "git.token", sealed)).isEmpty();
    assertThat(sealer.open(BUILD, "push.password", sealed)).isEmpty();
    assertThat(sealer.open(BUILD + "g", "it.token", sealed)).isEmpty();
  }

  @Test
  void does_not_open_when_any_byte_was_changed_or_cut() {
    Sealer sealer = Sealer.of(List.of(NEW));
    byte[] sealed = sealer.seal(BUILD, "f", PLAIN);
    for (int i = 0; i < sealed.length; i++) {
      byte[] changed = sealed.clone();
      changed[i] ^= 1;
      assertThat(sealer.open(BUILD, "f", changed)).as("byte %d", i).isEmpty();
      assertThat(sealer.open(BUILD, "f", Arrays.copyOf(sealed, i))).isEmpty();
    }
  }

  @Test
  void opens_old_values_after_a_rotation_and_seals_with_the_new_key() {
    byte[] before = Sealer.of(List.of(OLD)).seal(BUILD, "f", PLAIN);
    Sealer rotated = Sealer.of(List.of(NEW, OLD));
    assertThat(rotated.open(BUILD, "f", before)).hasValue(PLAIN);
    byte[] after = rotated.seal(BUILD, "f", PLAIN);
    assertThat(Sealer.of(List.of(NEW)).open(BUILD, "f", after)).hasValue(PLAIN);
    assertThat(Sealer.of(List.of(OLD)).open(BUILD, "f", after)).isEmpty();
  }

  @Test
  void does_not_open_once_the_key_is_gone() {
    byte[] before = Sealer.of(List.of(OLD)).seal(BUILD, "f", PLAIN);
    assertThat(Sealer.of(List.of(NEW)).open(BUILD, "f", before)).isEmpty();
  }

  @Test
  void shows_neither_secret_nor_plain_value() {
    Sealer sealer = Sealer.of(List.of(NEW));
    assertThat(sealer.toString()).doesNotContain("secret").hasSizeLessThan(60);
    byte[] sealed = sealer.seal(BUILD, "f", PLAIN);
    assertThat(new String(sealed, ISO_8859_1)).doesNotContain("canary");
  }

  @Test
  void refuses_to_work_without_a_secret() {
    assertThatIllegalArgumentException().isThrownBy(() -> Sealer.of(List.of()));
    assertThatIllegalArgumentException().isThrownBy(() -> Sealer.of(List.of(NEW, new byte[0])));
  }

  private static final String SEALED_BY_FIRST_RELEASE =
      "01997132b9477a8e70ce744384caed914a42b5ea5eb738223c31d492356df8b9dbb6dcfa5d90c3f15c6da2755a0a584f";
}

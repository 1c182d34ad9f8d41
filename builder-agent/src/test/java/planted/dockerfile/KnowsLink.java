package planted.dockerfile;

final class KnowsLink {
  planted.link.Connection planted;
}

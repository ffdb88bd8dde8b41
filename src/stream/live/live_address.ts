/**
 * Whether an input names a camera ("/dev/video0") or the address of a stream ("rtsp://camera/1"), and no file.
 * `openLive` says which of them it opens.
 */
export function isLiveAddress(input: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]*:\/\/|\/dev\/video\d+$)/i.test(input);
}

/**
 * An input to show: of an address neither user, password nor query, where secrets are. Up to the last `@`, because a
 * password that nobody escaped may hold any character.
 */
export function shownAddress(input: string): string {
  return input.replace(/^([a-z][a-z0-9+.-]*:\/\/)(?:.*@)?([^?#]*).*$/is, "$1$2");
}

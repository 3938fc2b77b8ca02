/** An id for one press, so that a double tap or a repeated request does nothing twice. */

/** 128 random bits as hex. `crypto.randomUUID` exists on secure pages only, and a panel in the shop may not be one. */
export function newPressId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

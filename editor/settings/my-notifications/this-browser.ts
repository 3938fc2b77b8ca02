/** This browser as one that shows messages: what it can, what it was allowed, and its subscription. */
import { addPushDevice } from '../../../server/api/notification-rules.ts'
import { call } from '../../shared/api.ts'

/** `insecure`: the page is not reached by https. `blocked`: somebody said no, and only the browser's own settings change that. */
export type Ability = 'can' | 'insecure' | 'unsupported' | 'blocked'

export function ability(): Ability {
  if (!window.isSecureContext) return 'insecure'
  if (!('serviceWorker' in navigator) || !('PushManager' in window) || !('Notification' in window)) return 'unsupported'
  return Notification.permission === 'denied' ? 'blocked' : 'can'
}

const worker = async (): Promise<ServiceWorkerRegistration> => {
  await navigator.serviceWorker.register('/sw.js')
  return navigator.serviceWorker.ready
}

const hex = (bytes: ArrayBuffer): string => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('')

/** The id by which the server knows this browser; undefined where it shows no messages. */
export async function thisDevice(): Promise<string | undefined> {
  if (ability() !== 'can') return undefined
  const registration = await navigator.serviceWorker.getRegistration('/')
  const subscription = await registration?.pushManager.getSubscription()
  return subscription ? hex(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(subscription.endpoint))) : undefined
}

/** A browser as people tell it from others. */
function browserName(agent: string = navigator.userAgent): string {
  const browser = /Edg\//.test(agent)
    ? 'Edge'
    : /Firefox\//.test(agent)
      ? 'Firefox'
      : /Chrom/.test(agent)
        ? 'Chrome'
        : /Safari\//.test(agent)
          ? 'Safari'
          : 'Browser'
  const system = /Android/.test(agent)
    ? 'Android'
    : /iPad|iPhone/.test(agent)
      ? 'iOS'
      : /Windows/.test(agent)
        ? 'Windows'
        : /Mac OS/.test(agent)
          ? 'macOS'
          : /Linux/.test(agent)
            ? 'Linux'
            : ''
  return system ? `${browser}, ${system}` : browser
}

/**
 * Asks the person, and tells the server where to reach this browser. Only after a press: browsers refuse it otherwise.
 * @returns false when the person said no
 * @throws ApiError; DOMException where the browser reaches no push service
 */
export async function showMessagesHere(pushKey: string): Promise<boolean> {
  if ((await Notification.requestPermission()) !== 'granted') return false
  const { pushManager } = await worker()
  const before = await pushManager.getSubscription()
  // one for another key of an installation that was made anew
  const fits = before && base64url(before.options.applicationServerKey) === pushKey
  if (before && !fits) await before.unsubscribe()
  const subscription = fits ? before : await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: pushKey })
  const { endpoint = '', keys = {} } = subscription.toJSON()
  await call(addPushDevice, { body: { endpoint, keys: { p256dh: keys.p256dh ?? '', auth: keys.auth ?? '' }, name: browserName() } })
  return true
}

const base64url = (bytes: ArrayBuffer | null): string =>
  bytes === null
    ? ''
    : btoa(String.fromCharCode(...new Uint8Array(bytes)))
        .replaceAll('+', '-')
        .replaceAll('/', '_')
        .replace(/=+$/, '')

/** Ends it in this browser. */
export async function showNoMessagesHere(): Promise<void> {
  const registration = await navigator.serviceWorker.getRegistration('/')
  await (await registration?.pushManager.getSubscription())?.unsubscribe()
}

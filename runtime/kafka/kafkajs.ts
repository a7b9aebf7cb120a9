import Broker from 'kafkajs/src/broker/index.js'
import ConnectionPool, { type Connection } from 'kafkajs/src/network/connectionPool.js'
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js'
import socketFactory from 'kafkajs/src/network/socketFactory.js'
import Decoder from 'kafkajs/src/protocol/decoder.js'
import Encoder from 'kafkajs/src/protocol/encoder.js'

/**
 * All that we take from kafkajs, which has no release since 2023: connections with their request queue, and the
 * primitives of the wire. What goes over them is ours.
 */
export { Broker, ConnectionPool, type Connection, Decoder, Encoder, socketFactory }

// The queue re-arms a timer of 1 ms for ever after its first request, which burns 4 to 7 % of a core in an
// idle client. It is needed only while requests wait to be sent.
const schedule = RequestQueue.prototype.scheduleCheckPendingRequests
RequestQueue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
  if (this.pending.length > 0) schedule.call(this)
}

// The queue looks for requests that got no answer ten times a second, on every connection. Twice is enough for
// timeouts of seconds, and an idle client sleeps in between.
const lookEvery = 500
RequestQueue.prototype.scheduleRequestTimeoutCheck = function (this: RequestQueue) {
  if (!this.enforceRequestTimeout) return
  this.destroy()
  this.requestTimeoutIntervalId = setInterval(() => {
    for (const request of this.inflight.values())
      if (Date.now() - request.sentAt > request.requestTimeout) request.timeoutRequest()
    if (!this.isConnected()) this.destroy()
  }, lookEvery)
}

// A plain WebSocket in a test's hands: says what it hears as lines of JSON, and sends what it is told to on its input.
//
//     node websocket.mjs BASE TOKEN
import { createInterface } from 'node:readline';
import WebSocket from 'ws';

const [base, token] = process.argv.slice(2);
const said = (event, data) => console.log(JSON.stringify({ event, data: data ?? null }));

const socket = new WebSocket(`${base.replace(/^http/, 'ws')}/ws`, { headers: { authorization: `Bearer ${token}` } });
socket.on('open', () => said('connect'));
socket.on('unexpected-response', (_, answer) => {
  said('connect_error', { status: answer.statusCode });
  process.exit(0);
});
socket.on('error', (error) => said('connect_error', { message: error.message }));
socket.on('close', (code, reason) => said('disconnect', { code, reason: reason.toString() }));
socket.on('message', (message) => console.log(message.toString()));

const lines = createInterface({ input: process.stdin });
lines.on('line', (line) => socket.send(line));
lines.on('close', () => {
  socket.close();
  process.exit(0);
});

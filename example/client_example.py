"""What a business back end does with the client: a storyboard, one shot again, the film, the callback.

Start the service with CALLBACK_SECRET=my-secret and CALLBACK_ALLOWED_HOSTS=127.0.0.1, then run
``PYTHONPATH=. python example/client_example.py``.
"""

from __future__ import annotations

from http.server import BaseHTTPRequestHandler, HTTPServer

from app.client import BadSignature, Client, verify_callback

SECRET = "my-secret"


class Receiver(BaseHTTPRequestHandler):
    """In your own back end this is a route. Answer 2xx only after you have stored what came."""

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        try:
            callback = verify_callback(self.headers, body, SECRET)
        except BadSignature as error:
            return self.send_error(401, str(error))
        print(callback.id, callback.type, callback.data.get("video_url"))
        self.send_response(204)
        self.end_headers()


def main() -> None:
    receiver = HTTPServer(("127.0.0.1", 0), Receiver)
    with Client("http://127.0.0.1:12345", user_id="u-001") as films:  # api_key="..." where the service wants one
        board = films.create_storyboard("小狗找妈妈的故事", style="温馨可爱", shot_count=3, resolution="480p")
        films.wait(board, on_event=lambda event: print(f"{event.progress:.0f} % {event.message}"))
        films.wait(films.regenerate_shot(board.story_id, "shot_02", detail="雨停了，小狗看见彩虹", seed=7))
        callback_url = f"http://127.0.0.1:{receiver.server_port}/films"
        job = films.render(board.story_id, subtitles="soft", callback_url=callback_url)
        receiver.handle_request()  # the film is ready when the callback comes; nobody has to wait for it
        print(films.download(films.job(job).video_url, "film.mp4"))


if __name__ == "__main__":
    main()
